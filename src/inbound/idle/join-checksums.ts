// The CRC-32 of two texts one behind the other, by what is known of each, without a look at the second one: the arithmetic of zlib's `crc32_combine`, which Node.js does not
// hand out.

/** Of x^32 + x^26 + … + 1, the lowest bit first. */
const polynomial = 0xEDB88320
const one = 0x80000000

/** a · b modulo the polynomial. */
function multiply (a: number, b: number): number {
  let product = 0
  let factor = b
  for (let left = a, bit = one; left !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) {
      product ^= factor
      left &= ~bit
    }
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial
  }
  return product >>> 0
}

/** x to the powers 1, 2, 4 … 2^31. */
const powers: readonly number[] = (() => {
  const all = [one >>> 1]
  for (let at = 1; at < 32; at += 1) all.push(multiply(all[at - 1] as number, all[at - 1] as number))
  return all
})()

/** `length`: of the second, in bytes, less than 2^32. */
export function joinChecksums (first: number, second: number, length: number): number {
  let shift = one
  // A byte is eight bits: x^(8 · length).
  for (let left = length, power = 3; left > 0; left = Math.floor(left / 2), power = (power + 1) % 32) {
    if (left % 2 === 1) shift = multiply(powers[power] as number, shift)
  }
  return (multiply(shift, first) ^ second) >>> 0
}
