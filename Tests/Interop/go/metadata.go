package main

import (
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
)

func checkMetadata(r *report, c *client) {
	const email = "metadata@example.com"
	if _, err := c.register(email, password); err != nil {
		r.check("An account for metadata", func() error { return err })
		return
	}
	for _, address := range []string{"192.0.2.7", "2001:db8::7"} {
		r.check("x-client-name and x-client-address "+address, func() error {
			login, err := c.login(
				metadata("x-client-name", "Ada’s phone", "x-client-address", address,
					"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
				email, password)
			if err != nil {
				return err
			}
			sessions, err := c.sessions(login.Tokens.AccessToken)
			if err != nil {
				return err
			}
			for _, session := range sessions {
				if !session.Current {
					continue
				}
				if session.ClientName != "Ada’s phone" || session.ClientAddress != address {
					return fmt.Errorf("%v", session)
				}
				return nil
			}
			return fmt.Errorf("no current session")
		})
	}
	refuse := func(name, key, value string) {
		r.refused(name, codes.InvalidArgument, "ARGUMENT_INVALID", func() error {
			_, err := c.login(metadata(key, value), email, password)
			return err
		})
	}
	refuse("x-client-name of 101 bytes", "x-client-name", strings.Repeat("n", 101))
	refuse("x-client-name with a line break", "x-client-name", "phone\nadmin")
	refuse("x-client-address that is none", "x-client-address", "192.0.2.777")
	r.check("x-client-name of 100 bytes", func() error {
		_, err := c.login(metadata("x-client-name", strings.Repeat("n", 100)), email, password)
		return err
	})
	r.check("authorization with another scheme is no token", func() error {
		login, err := c.login(nil, email, password)
		if err != nil {
			return err
		}
		err = c.call(metadata("authorization", "Basic "+login.Tokens.AccessToken),
			"ListSessions", raw(nil), raw(nil))
		return want(err, codes.Unauthenticated, "TOKEN_INVALID")
	})
}
