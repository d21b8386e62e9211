package main

import (
	"context"
	"fmt"
	"net"
	"time"

	auth "authdinterop/authd/v1"
	rpc "authdinterop/google/rpc"

	"github.com/containerd/ttrpc"
	"github.com/gogo/protobuf/proto"
	"github.com/gogo/protobuf/types"
	"google.golang.org/grpc/status"
)

const (
	authService   = "authd.v1.AuthService"
	healthService = "grpc.health.v1.Health"
	// Long enough for a debug build on a busy machine; a hung daemon still ends the run.
	patience = 60 * time.Second
)

// client is one connection to the daemon.
type client struct {
	conn *ttrpc.Client
}

type timeoutKey struct{}

func dial(socket string) (*client, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	// The library ends a call itself at the context's deadline. To see the daemon's own answer,
	// a test states the timeout apart from it.
	stateTimeout := func(
		ctx context.Context, request *ttrpc.Request, response *ttrpc.Response,
		_ *ttrpc.UnaryClientInfo, next ttrpc.Invoker,
	) error {
		if timeout, ok := ctx.Value(timeoutKey{}).(time.Duration); ok {
			request.TimeoutNano = timeout.Nanoseconds()
		}
		return next(ctx, request, response)
	}
	return &client{ttrpc.NewClient(conn, ttrpc.WithUnaryClientInterceptor(stateTimeout))}, nil
}

// metadata is pairs of key and value.
func metadata(pairs ...string) ttrpc.MD {
	md := ttrpc.MD{}
	for i := 0; i+1 < len(pairs); i += 2 {
		md.Append(pairs[i], pairs[i+1])
	}
	return md
}

func bearer(token string) ttrpc.MD {
	return metadata("authorization", "Bearer "+token)
}

// call makes one call of AuthService.
func (c *client) call(md ttrpc.MD, method string, request, response proto.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if md != nil {
		ctx = ttrpc.WithMetadata(ctx, md)
	}
	return c.conn.Call(ctx, authService, method, request, response)
}

// register makes an account.
func (c *client) register(email, password string) (*auth.RegisterResponse, error) {
	response := &auth.RegisterResponse{}
	err := c.call(nil, "Register", &auth.RegisterRequest{Email: email, Password: password}, response)
	return response, err
}

func (c *client) login(md ttrpc.MD, email, password string) (*auth.LoginResponse, error) {
	response := &auth.LoginResponse{}
	err := c.call(md, "Login", &auth.LoginRequest{Email: email, Password: password}, response)
	return response, err
}

func (c *client) refresh(token string) (*auth.RefreshResponse, error) {
	response := &auth.RefreshResponse{}
	err := c.call(nil, "Refresh", &auth.RefreshRequest{RefreshToken: token}, response)
	return response, err
}

func (c *client) verify(token string) (*auth.VerifyTokenResponse, error) {
	response := &auth.VerifyTokenResponse{}
	err := c.call(nil, "VerifyToken", &auth.VerifyTokenRequest{AccessToken: token}, response)
	return response, err
}

func (c *client) sessions(token string) ([]*auth.Session, error) {
	response := &auth.ListSessionsResponse{}
	err := c.call(bearer(token), "ListSessions", &auth.ListSessionsRequest{}, response)
	return response.Sessions, err
}

// account registers a user and logs him in.
func (c *client) account(email, password string) (*auth.LoginResponse, error) {
	if _, err := c.register(email, password); err != nil {
		return nil, fmt.Errorf("Register: %w", err)
	}
	login, err := c.login(nil, email, password)
	if err != nil {
		return nil, fmt.Errorf("Login: %w", err)
	}
	return login, nil
}

// decode reads a failed call's status and its details; the error says what is wrong with them.
func decode(err error) (refusal, error) {
	if err == nil {
		return refusal{}, fmt.Errorf("the call succeeded")
	}
	answer, ok := status.FromError(err)
	if !ok {
		return refusal{}, fmt.Errorf("no status: %v", err)
	}
	result := refusal{code: answer.Code(), message: answer.Message()}
	for _, detail := range answer.Proto().Details {
		switch detail.TypeUrl {
		case "type.googleapis.com/google.rpc.ErrorInfo":
			info := &rpc.ErrorInfo{}
			if err := proto.Unmarshal(detail.Value, info); err != nil {
				return result, err
			}
			result.reason, result.domain = info.Reason, info.Domain
			result.metadata = info.Metadata
		case "type.googleapis.com/google.rpc.RetryInfo":
			retry := &rpc.RetryInfo{}
			if err := proto.Unmarshal(detail.Value, retry); err != nil {
				return result, err
			}
			delay, err := types.DurationFromProto(retry.RetryDelay)
			if err != nil {
				return result, err
			}
			result.retryDelay = delay
		default:
			return result, fmt.Errorf("unknown detail %s", detail.TypeUrl)
		}
	}
	return result, nil
}
