package main

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
)

// report counts checks and prints them.
type report struct {
	passed, failed int
}

// check runs one named check; it passes when it returns nil.
func (r *report) check(name string, run func() error) {
	if err := run(); err != nil {
		r.failed++
		fmt.Printf("FAIL %s: %v\n", name, err)
		return
	}
	r.passed++
	fmt.Println("ok", name)
}

// refused is a check that the call fails with this code and reason.
func (r *report) refused(name string, code codes.Code, reason string, call func() error) {
	r.check(name, func() error { return want(call(), code, reason) })
}

// want tells how err differs from a refusal of authd: each has a reason.
func want(err error, code codes.Code, reason string) error {
	refusal, problem := decode(err)
	if problem != nil {
		return problem
	}
	if refusal.code != code || refusal.reason != reason {
		return fmt.Errorf("%v %q, not %v %q", refusal.code, refusal.reason, code, reason)
	}
	if refusal.domain != "authd" {
		return fmt.Errorf("domain is %q", refusal.domain)
	}
	if refusal.message == "" {
		return fmt.Errorf("no message")
	}
	return nil
}

// refusal is what a failed call told.
type refusal struct {
	code       codes.Code
	message    string
	reason     string
	domain     string
	metadata   map[string]string
	retryDelay time.Duration
}

func (r refusal) String() string {
	var pairs []string
	for key, value := range r.metadata {
		pairs = append(pairs, key+"="+value)
	}
	sort.Strings(pairs)
	return fmt.Sprintf("%v %s [%s] %v", r.code, r.reason, strings.Join(pairs, " "), r.retryDelay)
}
