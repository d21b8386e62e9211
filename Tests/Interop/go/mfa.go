package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"time"

	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

// enrolled is a user with MFA.
type enrolled struct {
	email, token, secret string
	// The Unix time whose code enrolled him. The code of the step after it is good for a minute.
	at    int64
	codes []string
}

// totp is the code that Debian's oathtool makes, `steps` after the one that enrolled.
func (e *enrolled) totp(steps int64) (string, error) {
	command := exec.Command("oathtool", "--totp", "--base32",
		fmt.Sprintf("--now=@%d", e.at+30*steps), "-")
	command.Stdin = strings.NewReader(e.secret)
	output, err := command.Output()
	return strings.TrimSpace(string(output)), err
}

func (c *client) enroll(email string) (*enrolled, error) {
	login, err := c.account(email, password)
	if err != nil {
		return nil, err
	}
	user := &enrolled{email: email, token: login.Tokens.AccessToken}
	begun := &auth.RegisterMfaResponse{}
	err = c.call(bearer(user.token), "RegisterMfa",
		&auth.RegisterMfaRequest{Password: password}, begun)
	if err != nil {
		return nil, fmt.Errorf("RegisterMfa: %w", err)
	}
	user.secret = begun.SecretBase32
	if !strings.HasPrefix(begun.OtpauthUri, "otpauth://totp/authd:") ||
		!strings.Contains(begun.OtpauthUri, "?secret="+user.secret+"&") ||
		!bytes.HasPrefix(begun.QrCodePng, []byte("\x89PNG")) {
		return nil, fmt.Errorf("%v", begun)
	}
	user.at = time.Now().Unix()
	code, err := user.totp(0)
	if err != nil {
		return nil, fmt.Errorf("oathtool: %w", err)
	}
	finished := &auth.VerifyMfaResponse{}
	err = c.call(bearer(user.token), "VerifyMfa", &auth.VerifyMfaRequest{
		Password: password, EnrollmentToken: begun.EnrollmentToken, TotpCode: code}, finished)
	if err != nil {
		return nil, fmt.Errorf("VerifyMfa: %w", err)
	}
	user.codes = finished.RecoveryCodes
	if len(user.codes) != 10 {
		return nil, fmt.Errorf("%d recovery codes", len(user.codes))
	}
	return user, nil
}

func (c *client) mfaLogin(user *enrolled, totp, recovery string) (*auth.LoginResponse, error) {
	response := &auth.LoginResponse{}
	err := c.call(nil, "Login", &auth.LoginRequest{
		Email: user.email, Password: password, TotpCode: totp, RecoveryCode: recovery}, response)
	return response, err
}

// withUser is a check about a user with MFA of his own.
func (r *report) withUser(
	c *client, name, email string, run func(user *enrolled, next string) error,
) {
	r.check(name, func() error {
		user, err := c.enroll(email)
		if err != nil {
			return err
		}
		next, err := user.totp(1)
		if err != nil {
			return err
		}
		return run(user, next)
	})
}

func checkMFA(r *report, c *client) {
	r.withUser(c, "Login with MFA takes each code once", "mfa-login@example.com",
		func(user *enrolled, next string) error { return checkMFALogin(c, user, next) })
	r.withUser(c, "ValidateMfa and GetMfaStatus", "mfa-validate@example.com",
		func(user *enrolled, next string) error {
			validate := func() error {
				return c.call(bearer(user.token), "ValidateMfa",
					&auth.ValidateMfaRequest{Password: password, TotpCode: next},
					&auth.ValidateMfaResponse{})
			}
			if err := validate(); err != nil {
				return err
			}
			if err := want(validate(), codes.Unauthenticated, "MFA_CODE_INVALID"); err != nil {
				return err
			}
			status := &auth.GetMfaStatusResponse{}
			err := c.call(
				bearer(user.token), "GetMfaStatus", &auth.GetMfaStatusRequest{}, status)
			if err == nil && (!status.Enabled || status.RecoveryCodesLeft != 10 ||
				status.EnabledAt == nil) {
				return fmt.Errorf("%v", status)
			}
			return err
		})
	r.withUser(c, "RegenerateRecoveryCodes kills the old ones", "mfa-codes@example.com",
		func(user *enrolled, next string) error {
			made := &auth.RegenerateRecoveryCodesResponse{}
			err := c.call(bearer(user.token), "RegenerateRecoveryCodes",
				&auth.RegenerateRecoveryCodesRequest{Password: password, TotpCode: next}, made)
			if err != nil {
				return err
			}
			_, err = c.mfaLogin(user, "", user.codes[0])
			if err := want(err, codes.Unauthenticated, "MFA_CODE_INVALID"); err != nil {
				return err
			}
			_, err = c.mfaLogin(user, "", strings.ToLower(made.RecoveryCodes[0]))
			return err
		})
	r.withUser(c, "DisableMfa needs a code, and takes a recovery code", "mfa-off@example.com",
		func(user *enrolled, next string) error {
			disable := func(recovery string) error {
				return c.call(bearer(user.token), "DisableMfa",
					&auth.DisableMfaRequest{Password: password, RecoveryCode: recovery},
					&auth.DisableMfaResponse{})
			}
			err := want(disable(""), codes.FailedPrecondition, "MFA_REQUIRED")
			if err != nil {
				return err
			}
			if err := disable(user.codes[0]); err != nil {
				return err
			}
			_, err = c.login(nil, user.email, password)
			return err
		})
}

func checkMFALogin(c *client, user *enrolled, next string) error {
	_, err := c.mfaLogin(user, "", "")
	if err := want(err, codes.FailedPrecondition, "MFA_REQUIRED"); err != nil {
		return err
	}
	login, err := c.mfaLogin(user, next, "")
	if err != nil {
		return err
	}
	if !login.MfaUsed || login.RecoveryCodesLeft != 10 || login.RecoveryCodesLow {
		return fmt.Errorf("%v", login)
	}
	claims, err := c.verify(login.Tokens.AccessToken)
	if err != nil {
		return err
	}
	if strings.Join(claims.AuthenticationMethods, " ") != "pwd otp" {
		return fmt.Errorf("%v", claims)
	}
	_, err = c.mfaLogin(user, next, "")
	if err := want(err, codes.Unauthenticated, "MFA_CODE_INVALID"); err != nil {
		return err
	}
	login, err = c.mfaLogin(user, "", user.codes[0])
	if err == nil && login.RecoveryCodesLeft != 9 {
		return fmt.Errorf("%v", login)
	}
	return err
}
