package main

import (
	"fmt"

	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

func checkSessions(r *report, c *client) {
	const email = "sessions@example.com"
	first, err := c.account(email, password)
	if err != nil {
		r.check("An account for sessions", func() error { return err })
		return
	}
	other, err := c.account("other@example.com", password)
	if err != nil {
		r.check("Another account for sessions", func() error { return err })
		return
	}
	second, err := c.login(nil, email, password)
	if err != nil {
		r.check("A second session", func() error { return err })
		return
	}
	r.check("ListSessions has the newest first and marks the caller's", func() error {
		sessions, err := c.sessions(first.Tokens.AccessToken)
		if err != nil {
			return err
		}
		if len(sessions) != 2 || sessions[0].SessionId != second.SessionId ||
			sessions[1].SessionId != first.SessionId || sessions[0].Current ||
			!sessions[1].Current || fmt.Sprint(sessions[0].AuthenticationMethods) != "[pwd]" {
			return fmt.Errorf("%v", sessions)
		}
		return nil
	})
	r.refused("ListSessions without a token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { _, err := c.sessions(""); return err })
	r.refused("ListSessions with a refresh token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { _, err := c.sessions(first.Tokens.RefreshToken); return err })
	revoke := func(token, session string) error {
		return c.call(bearer(token), "RevokeSession",
			&auth.RevokeSessionRequest{SessionId: session}, &auth.RevokeSessionResponse{})
	}
	r.refused("RevokeSession of another user's session", codes.NotFound, "SESSION_NOT_FOUND",
		func() error { return revoke(first.Tokens.AccessToken, other.SessionId) })
	r.refused("RevokeSession of no session", codes.NotFound, "SESSION_NOT_FOUND",
		func() error { return revoke(first.Tokens.AccessToken, "") })
	r.refused("RevokeSession without a token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { return revoke("", first.SessionId) })
	r.check("RevokeSession", func() error {
		if _, err := c.verify(second.Tokens.AccessToken); err != nil {
			return err
		}
		return revoke(first.Tokens.AccessToken, second.SessionId)
	})
	r.refused("VerifyToken of a revoked session", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.verify(second.Tokens.AccessToken); return err })
	r.check("The other user's session lives on", func() error {
		_, err := c.verify(other.Tokens.AccessToken)
		return err
	})
	checkRefresh(r, c, first)
	checkLogout(r, c, email)
}

func checkRefresh(r *report, c *client, login *auth.LoginResponse) {
	oldest := login.Tokens.RefreshToken
	current := oldest
	r.check("Refresh renews both tokens of the session", func() error {
		answer, err := c.refresh(current)
		if err != nil {
			return err
		}
		if answer.SessionId != login.SessionId || answer.UserId != login.UserId ||
			answer.Tokens.RefreshToken == current ||
			answer.Tokens.AccessToken == login.Tokens.AccessToken {
			return fmt.Errorf("%v", answer)
		}
		current = answer.Tokens.RefreshToken
		_, err = c.verify(answer.Tokens.AccessToken)
		return err
	})
	r.check("A repeated Refresh gets the same successor", func() error {
		answer, err := c.refresh(oldest)
		if err == nil && answer.Tokens.RefreshToken != current {
			return fmt.Errorf("another refresh token")
		}
		return err
	})
	r.check("Refresh of the successor", func() error {
		answer, err := c.refresh(current)
		if err == nil {
			current = answer.Tokens.RefreshToken
		}
		return err
	})
	r.refused("Refresh with a token of two generations ago", codes.Unauthenticated,
		"REFRESH_REUSED", func() error { _, err := c.refresh(oldest); return err })
	r.refused("It has ended the session for its newest token too", codes.Unauthenticated,
		"TOKEN_REVOKED", func() error { _, err := c.refresh(current); return err })
	r.refused("It has ended the session for its access token too", codes.Unauthenticated,
		"TOKEN_REVOKED", func() error { _, err := c.verify(login.Tokens.AccessToken); return err })
	r.refused("Refresh with an access token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { _, err := c.refresh(login.Tokens.AccessToken); return err })
	r.refused("Refresh with nothing", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { _, err := c.refresh(""); return err })
}

func checkLogout(r *report, c *client, email string) {
	var logins []*auth.LoginResponse
	for i := 0; i < 4; i++ {
		login, err := c.login(nil, email, password)
		if err != nil {
			r.check("Sessions to log out", func() error { return err })
			return
		}
		logins = append(logins, login)
	}
	ended := func(index int) func() error {
		return func() error { _, err := c.verify(logins[index].Tokens.AccessToken); return err }
	}
	logout := func(token string, request *auth.LogoutRequest) error {
		return c.call(bearer(token), "Logout", request, &auth.LogoutResponse{})
	}
	r.refused("Logout without any token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { return logout("", &auth.LogoutRequest{}) })
	r.check("Logout by access token", func() error {
		return logout(logins[0].Tokens.AccessToken, &auth.LogoutRequest{})
	})
	r.refused("VerifyToken after Logout", codes.Unauthenticated, "TOKEN_REVOKED", ended(0))
	r.check("Logout by refresh token", func() error {
		return c.call(nil, "Logout",
			&auth.LogoutRequest{RefreshToken: logins[1].Tokens.RefreshToken}, &auth.LogoutResponse{})
	})
	r.refused("Refresh after Logout", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.refresh(logins[1].Tokens.RefreshToken); return err })
	r.check("The other sessions live on", ended(2))
	r.check("Logout of all sessions", func() error {
		return logout(logins[2].Tokens.AccessToken, &auth.LogoutRequest{AllSessions: true})
	})
	r.refused("VerifyToken after Logout of all, own session", codes.Unauthenticated,
		"TOKEN_REVOKED", ended(2))
	r.refused("VerifyToken after Logout of all, other session", codes.Unauthenticated,
		"TOKEN_REVOKED", ended(3))
}
