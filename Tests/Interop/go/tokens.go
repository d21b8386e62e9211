package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	auth "authdinterop/authd/v1"

	"github.com/gogo/protobuf/types"
	"google.golang.org/grpc/codes"
)

func checkTokens(r *report, c *client, secret string) {
	login, err := c.account("tokens@example.com", password)
	if err != nil {
		r.check("An account for tokens", func() error { return err })
		return
	}
	token := login.Tokens.AccessToken
	r.check("VerifyToken tells every claim", func() error { return checkClaims(c, login) })
	verify := func(token string) func() error {
		return func() error { _, err := c.verify(token); return err }
	}
	r.refused("VerifyToken of nothing", codes.Unauthenticated, "TOKEN_INVALID", verify(""))
	r.refused("VerifyToken of a refresh token", codes.Unauthenticated, "TOKEN_INVALID",
		verify(login.Tokens.RefreshToken))
	damaged := []byte(token)
	middle := strings.LastIndex(token, ".") + 5
	damaged[middle] ^= 1
	r.refused("VerifyToken of a damaged signature", codes.Unauthenticated, "TOKEN_INVALID",
		verify(string(damaged)))
	r.check("VerifyToken of a token signed here with the shared secret", func() error {
		forged, err := resign(token, secret, nil)
		if err != nil {
			return err
		}
		return verify(forged)()
	})
	r.refused("VerifyToken of a token signed with another secret", codes.Unauthenticated,
		"TOKEN_INVALID", func() error {
			forged, err := resign(token, secret+".", nil)
			if err != nil {
				return err
			}
			return verify(forged)()
		})
	r.refused("VerifyToken of an expired token", codes.Unauthenticated, "TOKEN_EXPIRED",
		func() error {
			forged, err := resign(token, secret, func(claims map[string]interface{}) {
				claims["iat"] = time.Now().Unix() - 100
				claims["exp"] = time.Now().Unix() - 1
			})
			if err != nil {
				return err
			}
			return verify(forged)()
		})
	r.check("GetSigningKeys publishes no shared secret", func() error {
		response := &auth.GetSigningKeysResponse{}
		err := c.call(nil, "GetSigningKeys", &auth.GetSigningKeysRequest{}, response)
		if err == nil && response.JwksJson != `{"keys":[]}` {
			return fmt.Errorf("%s", response.JwksJson)
		}
		return err
	})
}

func checkClaims(c *client, login *auth.LoginResponse) error {
	claims, err := c.verify(login.Tokens.AccessToken)
	if err != nil {
		return err
	}
	if claims.UserId != login.UserId || claims.SessionId != login.SessionId ||
		claims.Email != "tokens@example.com" || claims.TokenId == "" ||
		claims.Issuer != "authd" || claims.Audience != "authd" ||
		fmt.Sprint(claims.AuthenticationMethods) != "[pwd]" {
		return fmt.Errorf("%v", claims)
	}
	issued, err := types.TimestampFromProto(claims.IssuedAt)
	if err != nil {
		return err
	}
	expires, err := types.TimestampFromProto(claims.ExpiresAt)
	if err != nil {
		return err
	}
	authenticated, err := types.TimestampFromProto(claims.AuthenticatedAt)
	if err != nil {
		return err
	}
	if expires.Sub(issued) != 15*time.Minute || issued.Sub(authenticated) > time.Second ||
		!claims.ExpiresAt.Equal(login.Tokens.AccessTokenExpiresAt) {
		return fmt.Errorf("%v %v %v", authenticated, issued, expires)
	}
	return nil
}

// resign makes a token with the header and the claims of token, as change leaves them, under HS256.
func resign(
	token, secret string, change func(map[string]interface{}),
) (string, error) {
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	claims := map[string]interface{}{}
	decoder := json.NewDecoder(strings.NewReader(string(payload)))
	decoder.UseNumber()
	if err := decoder.Decode(&claims); err != nil {
		return "", err
	}
	if change != nil {
		change(claims)
	}
	if payload, err = json.Marshal(claims); err != nil {
		return "", err
	}
	signed := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
