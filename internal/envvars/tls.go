// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS is what the variables of certificates ask for, those of the signal (TRACES
// or METRICS) before the common ones; nil without any.
func (l Lookup) TLS(signal string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if file, name := l.otlp(signal, "CERTIFICATE"); file != "" {
		c.RootCAs = x509.NewCertPool()
		if raw, err := os.ReadFile(file); err != nil || !c.RootCAs.AppendCertsFromPEM(raw) {
			return nil, fmt.Errorf("%s=%q: use a file with certificates, PEM", name, shownFile(file))
		}
	}
	for _, infix := range []string{signal + "_", ""} {
		pair, err := l.clientCertificate(infix)
		if err != nil {
			return nil, err
		}
		if pair != nil {
			c.Certificates = []tls.Certificate{*pair}
			break
		}
	}
	if c.RootCAs == nil && c.Certificates == nil {
		return nil, nil //nolint:nilnil // nothing is what was asked for
	}
	return c, nil
}

// clientCertificate reads a pair of variables, of which the exporters ignore one
// that is alone.
func (l Lookup) clientCertificate(infix string) (*tls.Certificate, error) {
	certName, keyName := prefix+infix+"CLIENT_CERTIFICATE", prefix+infix+"CLIENT_KEY"
	cert, _ := l.Get(certName)
	key, _ := l.Get(keyName)
	if cert == "" && key == "" {
		return nil, nil //nolint:nilnil // nothing is what was asked for
	}
	if cert == "" || key == "" {
		return nil, fmt.Errorf("%s=%q and %s=%q: use both or none", certName, shownFile(cert), keyName, shownFile(key))
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s=%q and %s=%q: use files that belong together: %w", certName, shownFile(cert), keyName, shownFile(key), err)
	}
	return &pair, nil
}
