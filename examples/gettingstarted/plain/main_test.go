// SPDX-License-Identifier: Apache-2.0

package main

func Example_main() {
	main()
	// Output:
	// Lamps give light, and shade.
	// Two years.
	// 42
	// Good bye.
}
