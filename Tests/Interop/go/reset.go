package main

import (
	"context"
	"fmt"
	"time"

	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

const adminService = "authd.v1.AdminService"

// issueReset asks for a one-time token, as an administrator: the tests run as the daemon's user.
func (c *client) issueReset(email string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	response := &auth.IssuePasswordResetResponse{}
	err := c.conn.Call(ctx, adminService, "IssuePasswordReset",
		&auth.IssuePasswordResetRequest{Email: email}, response)
	if err == nil && (response.ResetToken == "" || response.ExpiresAt == nil) {
		err = fmt.Errorf("%v", response)
	}
	if err == nil {
		left := time.Until(time.Unix(response.ExpiresAt.Seconds, 0))
		if left < 55*time.Minute || left > 61*time.Minute {
			err = fmt.Errorf("it ends in %v", left)
		}
	}
	return response.ResetToken, err
}

func checkReset(r *report, c *client) {
	const email = "reset@example.com"
	const next = "saffron Ladder 17 orbit"
	login, err := c.account(email, password)
	if err != nil {
		r.check("An account for ResetPassword", func() error { return err })
		return
	}
	reset := func(token, new string) (*auth.ResetPasswordResponse, error) {
		response := &auth.ResetPasswordResponse{}
		err := c.call(nil, "ResetPassword",
			&auth.ResetPasswordRequest{ResetToken: token, NewPassword: new}, response)
		return response, err
	}
	refused := func(name string, code codes.Code, reason, token, new string) {
		r.refused("ResetPassword "+name, code, reason,
			func() error { _, err := reset(token, new); return err })
	}
	refused("without a token", codes.Unauthenticated, "TOKEN_INVALID", "", next)
	refused("with an access token", codes.Unauthenticated, "TOKEN_INVALID",
		login.Tokens.AccessToken, next)
	var token string
	r.check("IssuePasswordReset gives a token for an hour", func() error {
		token, err = c.issueReset(email)
		return err
	})
	refused("to a common password", codes.InvalidArgument, "PASSWORD_TOO_WEAK", token,
		"password123")
	r.check("ResetPassword sets the password", func() error {
		answer, err := reset(token, next)
		if err == nil && (answer.UserId != login.UserId || answer.MfaDisabled) {
			return fmt.Errorf("%v", answer)
		}
		return err
	})
	refused("with the same token again", codes.Unauthenticated, "TOKEN_INVALID", token, next)
	r.refused("Refresh of a session from before", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.refresh(login.Tokens.RefreshToken); return err })
	r.refused("Login with the old password", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error { _, err := c.login(nil, email, password); return err })
	r.check("Login with the new password", func() error {
		_, err := c.login(nil, email, next)
		return err
	})
}
