package main

import (
	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

func checkPasswords(r *report, c *client) {
	const email = "change@example.com"
	const next = "velvet Harbour 62 comet"
	login, err := c.account(email, password)
	if err != nil {
		r.check("An account for ChangePassword", func() error { return err })
		return
	}
	other, err := c.login(nil, email, password)
	if err != nil {
		r.check("A second session for ChangePassword", func() error { return err })
		return
	}
	change := func(token, current, new string) error {
		return c.call(bearer(token), "ChangePassword",
			&auth.ChangePasswordRequest{CurrentPassword: current, NewPassword: new},
			&auth.ChangePasswordResponse{})
	}
	token := login.Tokens.AccessToken
	r.refused("ChangePassword without a token", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { return change("", password, next) })
	r.refused("ChangePassword with a wrong password", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error { return change(token, next, next) })
	r.refused("ChangePassword to a common one", codes.InvalidArgument, "PASSWORD_TOO_WEAK",
		func() error { return change(token, password, "password123") })
	r.check("ChangePassword", func() error { return change(token, password, next) })
	r.check("The session that changed it lives on", func() error {
		if _, err := c.verify(token); err != nil {
			return err
		}
		_, err := c.refresh(login.Tokens.RefreshToken)
		return err
	})
	r.refused("VerifyToken of the other session", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.verify(other.Tokens.AccessToken); return err })
	r.refused("Refresh of the other session", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.refresh(other.Tokens.RefreshToken); return err })
	r.refused("Login with the old password", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error { _, err := c.login(nil, email, password); return err })
	r.check("Login with the new password", func() error {
		_, err := c.login(nil, email, next)
		return err
	})
}
