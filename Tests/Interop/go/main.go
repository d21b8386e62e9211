// Calls every RPC of a running authd with containerd's ttRPC library: a client that shares no code
// with the daemon. Prints a line for each check and, last, `N passed, N failed`.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	socket := flag.String("socket", "", "Unix socket of the daemon")
	slow := flag.Bool("slow", false,
		"check deadlines and overload instead: for a daemon of cost 10, one hash thread, a queue of one")
	tlsAddress := flag.String("tls", "", "check TLS instead: HOST:PORT of the daemon")
	folder := flag.String("certificates", "", "for -tls: where the certificates are")
	flag.Parse()
	report := &report{}
	if *tlsAddress != "" {
		checkTLS(report, *tlsAddress, *folder)
		finish(report)
	}
	client, err := dial(*socket)
	if err != nil {
		fmt.Println("FAIL connect:", err)
		os.Exit(1)
	}
	if *slow {
		checkDeadlines(report, client)
		checkOverload(report, client)
	} else {
		// The secret is given as the daemon has it, never on the command line.
		checkAccounts(report, client)
		checkSessions(report, client)
		checkTokens(report, client, os.Getenv("JWT_SECRET"))
		checkPasswords(report, client)
		checkMetadata(report, client)
		checkMFA(report, client)
		checkProtocol(report, client)
		checkReset(report, client)
		checkManyInFlight(report, client)
	}
	client.conn.Close()
	finish(report)
}

// finish prints the summary and ends the program.
func finish(report *report) {
	fmt.Printf("%d passed, %d failed\n", report.passed, report.failed)
	if report.failed > 0 || report.passed == 0 {
		os.Exit(1)
	}
	os.Exit(0)
}
