package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"

	auth "authdinterop/authd/v1"

	"github.com/containerd/ttrpc"
)

// certificates of one daemon and its clients: files in one folder, made by the script.
type certificates struct {
	folder string
	pool   *x509.CertPool
}

func loadCertificates(folder string) (*certificates, error) {
	pem, err := os.ReadFile(folder + "/ca.pem")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no authority in %s", folder)
	}
	return &certificates{folder, pool}, nil
}

// config is what a Go service would use; name is that of the client's files, or empty for none.
func (c *certificates) config(name string) (*tls.Config, error) {
	config := &tls.Config{RootCAs: c.pool, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	if name != "" {
		pair, err := tls.LoadX509KeyPair(c.folder+"/"+name+".pem", c.folder+"/"+name+".key")
		if err != nil {
			return nil, err
		}
		// Go would keep back a certificate whose authority the daemon does not name.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &pair, nil
		}
	}
	return config, nil
}

// oneCall makes one call on a connection of its own, and says how the connection was made.
func oneCall(address string, config *tls.Config) (tls.ConnectionState, error) {
	conn, err := tls.Dial("tcp", address, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	client := &client{ttrpc.NewClient(conn)}
	defer client.conn.Close()
	err = client.call(nil, "GetSigningKeys", &auth.GetSigningKeysRequest{}, &auth.GetSigningKeysResponse{})
	return conn.ConnectionState(), err
}

// checkTLS calls a daemon at address with crypto/tls.
func checkTLS(report *report, address, folder string) {
	check := func(name string, err error) { report.check(name, func() error { return err }) }
	files, err := loadCertificates(folder)
	if err != nil {
		check("the certificates can be read", err)
		return
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config, err := files.config("client")
		if err != nil {
			check("the client's certificate can be read", err)
			return
		}
		config.MaxVersion = version
		for _, resumed := range []bool{false, true} {
			name := fmt.Sprintf("TLS %x, resumed %v: a call is answered", version, resumed)
			state, err := oneCall(address, config)
			if err == nil && (state.Version != version || state.DidResume != resumed) {
				err = fmt.Errorf("version %x, resumed %v", state.Version, state.DidResume)
			}
			check(name, err)
		}
	}
	for name, reason := range map[string]string{
		"": "certificate", "expired": "expired", "stranger": "unknown certificate authority",
	} {
		config, err := files.config(name)
		if err == nil {
			_, err = oneCall(address, config)
		}
		check(fmt.Sprintf("the certificate %q is refused", name), refusedWith(err, reason))
	}
	config, _ := files.config("client")
	config.MaxVersion = tls.VersionTLS11
	config.MinVersion = tls.VersionTLS10
	_, err = oneCall(address, config)
	check("TLS 1.1 is refused", refusedWith(err, "protocol version"))
	config, _ = files.config("client")
	config.MaxVersion = tls.VersionTLS12
	config.CipherSuites = []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
	}
	_, err = oneCall(address, config)
	check("weak cipher suites are refused", refusedWith(err, "handshake failure"))
	config, _ = files.config("client")
	config.ServerName = "elsewhere.example"
	_, err = oneCall(address, config)
	check("the daemon's certificate is for its own name", refusedWith(err, "elsewhere.example"))
	plain, err := net.Dial("tcp", address)
	if err == nil {
		client := &client{ttrpc.NewClient(plain)}
		err = client.call(nil, "GetSigningKeys", &auth.GetSigningKeysRequest{}, &auth.GetSigningKeysResponse{})
		client.conn.Close()
	}
	if err == nil {
		err = fmt.Errorf("it was answered")
	} else {
		err = nil
	}
	check("plain ttRPC is not answered", err)
}

// refusedWith says what is wrong unless err is an error that says reason.
func refusedWith(err error, reason string) error {
	if err == nil {
		return fmt.Errorf("it was let in")
	}
	if !strings.Contains(err.Error(), reason) {
		return fmt.Errorf("another reason: %v", err)
	}
	return nil
}
