package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
)

// makeAES encrypts zeros in one chain under the key of FIPS 197's appendix C.1.
// The last block is what OpenSSL gives:
//
//	head -c 16384 /dev/zero | openssl enc -aes-128-cbc -nopad -K 0001...0e0f -iv 0 | tail -c 16
func makeAES() (func() uint64, uint64) {
	key, zero := make([]byte, 16), make([]byte, aes.BlockSize)
	for i := range key {
		key[i] = byte(i)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	plain, sealed := make([]byte, 16<<10), make([]byte, 16<<10)
	return func() uint64 {
		cipher.NewCBCEncrypter(block, zero).CryptBlocks(sealed, plain)
		return binary.BigEndian.Uint64(sealed[len(sealed)-aes.BlockSize:])
	}, 0x8c1d1af690d40fa7
}

// makeSHA256 hashes the bytes i mod 251; the digest is that of Python's hashlib.
func makeSHA256() (func() uint64, uint64) {
	text := make([]byte, 16<<10)
	for i := range text {
		text[i] = byte(i % 251)
	}
	return func() uint64 {
		sum := sha256.Sum256(text)
		return binary.BigEndian.Uint64(sum[:])
	}, 0x4348e3b98e8a327b
}
