package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"
)

// serverName is whom the certificate is of.
const serverName = "server.test"

// selfSigned makes a certificate of ECDSA P-256 that lasts a day.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key of the server: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{serverName},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate of the server: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// trusting is a client's configuration that accepts one published certificate.
func trusting(published string) (*tls.Config, error) {
	der, err := base64.StdEncoding.DecodeString(published)
	if err != nil {
		return nil, fmt.Errorf("certificate of the server: %w", err)
	}
	known, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of the server: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(known)
	return &tls.Config{RootCAs: pool, ServerName: serverName}, nil
}
