package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

// rawMessage is a request of any bytes and a response that is not read.
type rawMessage struct {
	bytes []byte
}

func raw(bytes []byte) *rawMessage                 { return &rawMessage{bytes} }
func (m *rawMessage) Reset()                       {}
func (m *rawMessage) String() string               { return fmt.Sprintf("%x", m.bytes) }
func (m *rawMessage) ProtoMessage()                {}
func (m *rawMessage) Marshal() ([]byte, error)     { return m.bytes, nil }
func (m *rawMessage) Unmarshal(bytes []byte) error { m.bytes = bytes; return nil }

func checkProtocol(r *report, c *client) {
	alive := func() error { _, err := c.health(""); return err }
	call := func(service, method string, bytes []byte) func() error {
		return func() error {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			return c.conn.Call(ctx, service, method, raw(bytes), raw(nil))
		}
	}
	r.refused("An unknown service", codes.Unimplemented, "METHOD_UNKNOWN",
		call("authd.v1.Nobody", "Login", nil))
	r.refused("An unknown method", codes.Unimplemented, "METHOD_UNKNOWN",
		call(authService, "Nothing", nil))
	r.refused("No service and no method", codes.Unimplemented, "METHOD_UNKNOWN",
		call("", "", nil))
	r.refused("A method with another case", codes.Unimplemented, "METHOD_UNKNOWN",
		call(authService, "login", nil))
	r.refused("A payload that is no message", codes.InvalidArgument, "ARGUMENT_INVALID",
		call(authService, "Login", []byte{0x0a, 0xff, 0xff}))
	r.refused("A text that is not UTF-8", codes.InvalidArgument, "ARGUMENT_INVALID",
		call(authService, "Login", []byte{0x0a, 0x02, 0xc3, 0x28}))
	r.check("A field that authd does not know is passed over", func() error {
		message := raw([]byte{0xf8, 0x07, 0x01})
		return want(c.call(nil, "VerifyToken", message, raw(nil)), codes.Unauthenticated,
			"TOKEN_INVALID")
	})
	for _, bytes := range []int{64 << 10, 1 << 20, 4<<20 - 100} {
		r.refused(fmt.Sprintf("A request of over %d bytes", bytes), codes.ResourceExhausted,
			"REQUEST_TOO_LARGE",
			func() error { _, err := c.login(nil, "a@example.com", strings.Repeat("x", bytes)); return err })
		r.check("The connection lives on", alive)
	}
	r.check("A request of just under 64 KiB is read", func() error {
		_, err := c.verify(strings.Repeat("x", 64<<10-100))
		return want(err, codes.Unauthenticated, "TOKEN_INVALID")
	})
}

const inFlight = 1000

// checkManyInFlight registers 1,000 users at once on one connection. Each answer must be the one
// for its own request.
func checkManyInFlight(r *report, c *client) {
	r.check(fmt.Sprintf("%d calls in flight on one connection", inFlight), func() error {
		var starting, done sync.WaitGroup
		start := make(chan struct{})
		problems := make(chan error, inFlight)
		for i := 0; i < inFlight; i++ {
			email := fmt.Sprintf("user-%d@example.com", i)
			starting.Add(1)
			done.Add(1)
			go func() {
				defer done.Done()
				starting.Done()
				<-start
				answer := &auth.RegisterResponse{}
				err := c.call(nil, "Register",
					&auth.RegisterRequest{Email: email, Password: password}, answer)
				if err == nil && answer.Email != email {
					err = fmt.Errorf("%s got the answer of %s", email, answer.Email)
				}
				if err != nil {
					problems <- err
				}
			}()
		}
		starting.Wait()
		close(start)
		done.Wait()
		if len(problems) > 0 {
			return fmt.Errorf("%d failed; the first: %v", len(problems), <-problems)
		}
		return nil
	})
}
