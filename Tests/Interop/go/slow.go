package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	auth "authdinterop/authd/v1"

	"google.golang.org/grpc/codes"
)

// checkDeadlines needs a hash to take much longer than a millisecond.
func checkDeadlines(r *report, c *client) {
	request := &auth.LoginRequest{Email: "nobody@example.com", Password: password}
	for _, timeout := range []time.Duration{time.Nanosecond, time.Millisecond} {
		r.check(fmt.Sprintf("Login within %v", timeout), func() error {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			ctx = context.WithValue(ctx, timeoutKey{}, timeout)
			err := c.conn.Call(ctx, authService, "Login", request, &auth.LoginResponse{})
			refusal, problem := decode(err)
			if problem == nil && (refusal.code != codes.DeadlineExceeded ||
				refusal.reason != "DEADLINE_EXCEEDED") {
				return fmt.Errorf("%v", refusal)
			}
			return problem
		})
		r.check("The connection lives on", func() error { _, err := c.health(""); return err })
	}
	r.check("A caller that went away at its own deadline", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		err := c.conn.Call(ctx, authService, "Login", request, &auth.LoginResponse{})
		if !errors.Is(err, context.DeadlineExceeded) {
			if refusal, problem := decode(err); problem != nil ||
				refusal.code != codes.DeadlineExceeded {
				return fmt.Errorf("%v", err)
			}
		}
		_, err = c.health("")
		return err
	})
	r.refused("Login within a minute", codes.Unauthenticated, "INVALID_CREDENTIALS", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return c.conn.Call(ctx, authService, "Login", request, &auth.LoginResponse{})
	})
}

// checkOverload sends more logins than one hash thread and a queue of one can take.
func checkOverload(r *report, c *client) {
	const callers = 30
	answers := make([]error, callers)
	var done sync.WaitGroup
	for i := range answers {
		done.Add(1)
		go func(i int) {
			defer done.Done()
			_, answers[i] = c.login(nil, fmt.Sprintf("caller-%d@example.com", i), password)
		}(i)
	}
	r.refused("VerifyToken waits for no hash", codes.Unauthenticated, "TOKEN_INVALID",
		func() error { _, err := c.verify("no token"); return err })
	done.Wait()
	r.check("OVERLOADED says when to try again; the others are served", func() error {
		served, overloaded := 0, 0
		for _, answer := range answers {
			refusal, problem := decode(answer)
			switch {
			case problem != nil:
				return problem
			case refusal.code == codes.Unauthenticated && refusal.reason == "INVALID_CREDENTIALS":
				served++
			case refusal.code == codes.ResourceExhausted && refusal.reason == "OVERLOADED":
				overloaded++
				if refusal.retryDelay <= 0 || refusal.retryDelay > time.Minute {
					return fmt.Errorf("RetryInfo of %v", refusal.retryDelay)
				}
			default:
				return fmt.Errorf("%v", refusal)
			}
		}
		if served < 2 || overloaded == 0 {
			return fmt.Errorf("%d served, %d overloaded", served, overloaded)
		}
		return nil
	})
	r.refused("Login when it is over", codes.Unauthenticated, "INVALID_CREDENTIALS", func() error {
		_, err := c.login(nil, "nobody@example.com", password)
		return err
	})
}
