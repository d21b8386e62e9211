package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	auth "authdinterop/authd/v1"
	health "authdinterop/grpc/health/v1"

	"github.com/gogo/protobuf/types"
	"google.golang.org/grpc/codes"
)

// A password that no rule refuses.
const password = "quartz-Lantern-84-otter"

func (c *client) health(service string) (health.HealthCheckResponse_ServingStatus, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	response := &health.HealthCheckResponse{}
	err := c.conn.Call(
		ctx, healthService, "Check", &health.HealthCheckRequest{Service: service}, response)
	return response.Status, err
}

func checkAccounts(r *report, c *client) {
	for _, service := range []string{"", authService, healthService} {
		r.check(fmt.Sprintf("Health.Check of %q serves", service), func() error {
			status, err := c.health(service)
			if err == nil && status != health.HealthCheckResponse_SERVING {
				return fmt.Errorf("%v", status)
			}
			return err
		})
	}
	r.refused("Health.Check of an unknown service", codes.NotFound, "SERVICE_UNKNOWN", func() error {
		_, err := c.health("authd.v1.Nobody")
		return err
	})
	r.check("Register gives an id and the stored email", func() error {
		answer, err := c.register("  Ada@Example.COM ", password)
		if err == nil && (len(answer.UserId) != 26 || answer.Email != "ada@example.com") {
			return fmt.Errorf("%v", answer)
		}
		return err
	})
	r.refused("Register of a taken email", codes.AlreadyExists, "EMAIL_TAKEN", func() error {
		_, err := c.register("ada@example.com", password)
		return err
	})
	r.refused("Register of no email", codes.InvalidArgument, "EMAIL_INVALID", func() error {
		_, err := c.register("no address", password)
		return err
	})
	r.check("Register names the rules that a password breaks", func() error {
		_, err := c.register("weak@example.com", "pass")
		if problem := want(err, codes.InvalidArgument, "PASSWORD_TOO_WEAK"); problem != nil {
			return problem
		}
		refusal, _ := decode(err)
		rules := "," + refusal.metadata["rules"] + ","
		if !strings.Contains(rules, ",too_short,") || !strings.Contains(rules, ",too_guessable,") {
			return fmt.Errorf("%v", refusal)
		}
		return nil
	})
	r.check("Login starts a session", func() error { return checkLogin(c) })
	var wrong, unknown error
	r.refused("Login with a wrong password", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error {
			_, wrong = c.login(nil, "ada@example.com", password+"!")
			return wrong
		})
	r.refused("Login with an unknown email", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error {
			_, unknown = c.login(nil, "nobody@example.com", password)
			return unknown
		})
	r.check("Neither tells which of them was wrong", func() error {
		if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() {
			return fmt.Errorf("%v; %v", wrong, unknown)
		}
		return nil
	})
	r.refused("Login with no email", codes.InvalidArgument, "EMAIL_INVALID", func() error {
		_, err := c.login(nil, "", password)
		return err
	})
	checkDeleteUser(r, c)
}

func checkLogin(c *client) error {
	before := time.Now()
	login, err := c.login(nil, "ADA@example.com", password)
	if err != nil {
		return err
	}
	tokens := login.Tokens
	if tokens == nil || strings.Count(tokens.AccessToken, ".") != 2 ||
		strings.Count(tokens.RefreshToken, ".") != 2 ||
		len(login.SessionId) != 26 || len(login.UserId) != 26 || login.MfaUsed {
		return fmt.Errorf("%v", login)
	}
	for _, end := range []struct {
		at       *types.Timestamp
		lifetime time.Duration
	}{
		{tokens.AccessTokenExpiresAt, 15 * time.Minute},
		{tokens.RefreshTokenExpiresAt, 7 * 24 * time.Hour},
	} {
		at, err := types.TimestampFromProto(end.at)
		if err != nil {
			return err
		}
		if off := at.Sub(before.Add(end.lifetime)); off < -2*time.Second || off > patience {
			return fmt.Errorf("ends %v off", off)
		}
	}
	return nil
}

func checkDeleteUser(r *report, c *client) {
	login, err := c.account("gone@example.com", password)
	if err != nil {
		r.check("An account to delete", func() error { return err })
		return
	}
	remove := func(token, password string) error {
		return c.call(bearer(token), "DeleteUser",
			&auth.DeleteUserRequest{Password: password}, &auth.DeleteUserResponse{})
	}
	token := login.Tokens.AccessToken
	r.refused("DeleteUser without a token", codes.Unauthenticated, "TOKEN_INVALID", func() error {
		return c.call(nil, "DeleteUser",
			&auth.DeleteUserRequest{Password: password}, &auth.DeleteUserResponse{})
	})
	r.refused("DeleteUser with a wrong password", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error { return remove(token, "wrong") })
	r.check("DeleteUser", func() error { return remove(token, password) })
	r.refused("DeleteUser twice", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { return remove(token, password) })
	r.refused("VerifyToken of a deleted user", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.verify(token); return err })
	r.refused("Refresh of a deleted user", codes.Unauthenticated, "TOKEN_REVOKED",
		func() error { _, err := c.refresh(login.Tokens.RefreshToken); return err })
	r.refused("Login of a deleted user", codes.Unauthenticated, "INVALID_CREDENTIALS",
		func() error { _, err := c.login(nil, "gone@example.com", password); return err })
	r.check("Register of a deleted email", func() error {
		again, err := c.register("gone@example.com", password)
		if err == nil && again.UserId == login.UserId {
			return fmt.Errorf("the id of the old account came back")
		}
		return err
	})
}
