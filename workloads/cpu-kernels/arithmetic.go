package main

import (
	"math"
	"math/bits"
)

// digits rounds a sum to what every architecture agrees on: the last bits of a
// float64 depend on whether the compiler fused multiplications and additions.
func digits(sum float64) uint64 { return uint64(int64(math.Round(sum * 1e6))) }

// makeSin adds sin(h), sin(2h) ... sin(nh); the closed form is Lagrange's.
func makeSin() (func() uint64, uint64) {
	const n, h = 1000, 0.01
	run := func() uint64 {
		sum := 0.0
		for k := 1; k <= n; k++ {
			sum += math.Sin(float64(k) * h)
		}
		return digits(sum)
	}
	half := h / 2.0
	return run, digits(math.Sin(n*half) * math.Sin((n+1)*half) / math.Sin(half))
}

// makeFMA adds the Taylor polynomials of exp(h) ... exp(nh), nh = 1; the closed
// form is that of a geometric series. The rest of degree 16 is below 1/17!.
func makeFMA() (func() uint64, uint64) {
	const n, degree = 1000, 16
	h := 1.0 / n
	var coefficients [degree + 1]float64 // 1/k!
	factorial := 1.0
	for k := range coefficients {
		factorial *= float64(max(k, 1))
		coefficients[k] = 1 / factorial
	}
	run := func() uint64 {
		sum := 0.0
		for i := 1; i <= n; i++ {
			x, y := float64(i)*h, coefficients[degree]
			for k := degree - 1; k >= 0; k-- {
				y = math.FMA(y, x, coefficients[k])
			}
			sum += y
		}
		return digits(sum)
	}
	return run, digits(math.Exp(h) * (math.E - 1) / (math.Exp(h) - 1))
}

// makeBits counts in words that hold k ones above k zeros, k from 0 to 32.
func makeBits() (func() uint64, uint64) {
	words := make([]uint64, 12288)
	want := uint64(0)
	for i := range words {
		k := i % 33
		words[i] = (1<<k - 1) << k
		zeros := k
		if k == 0 {
			zeros = 64 // the word is 0
		}
		want += uint64(k + zeros)
	}
	return func() uint64 {
		n := 0
		for _, w := range words {
			n += bits.OnesCount64(w) + bits.TrailingZeros64(w)
		}
		return uint64(n)
	}, want
}

// makeBounds adds the numbers 0 to n-1 in the order of a permutation.
func makeBounds() (func() uint64, uint64) {
	const n = 16384 // a power of two, so that any odd step meets every number
	values, at := make([]uint64, n), make([]int32, n)
	for i := range n {
		values[i], at[i] = uint64(i), int32(i*11587%n)
	}
	return func() uint64 {
		sum := uint64(0)
		for _, i := range at {
			sum += values[i]
		}
		return sum
	}, n * (n - 1) / 2
}
