// Makes a small WAV file: a short melody that differs by recording. No voice of anybody is in it.

const sampleRate = 8000
const scale = [261.6, 293.7, 329.6, 392.0, 440.0, 523.3]

/** RIFF/WAVE, 8-bit mono PCM at 8 kHz: 44 bytes of header and one byte a sample. */
export function createTone (options: { readonly seconds: number, readonly seed: string }): Buffer {
  const samples = options.seconds * sampleRate
  const file = Buffer.alloc(44 + samples, 128)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + samples, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sampleRate, 24)
  file.writeUInt32LE(sampleRate, 28)
  file.writeUInt16LE(1, 32)
  file.writeUInt16LE(8, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(samples, 40)
  const noteLength = sampleRate / 4
  for (let index = 0; index < samples; index += 1) {
    const note = Math.floor(index / noteLength)
    const letter = options.seed.charCodeAt((note * 3 + 1) % options.seed.length)
    const frequency = scale[(letter + note) % scale.length] ?? 440
    const place = (index % noteLength) / noteLength
    const loudness = 40 * Math.min(1, place * 20) * Math.exp(-2.5 * place)
    file[44 + index] = 128 + Math.round(loudness * Math.sin(2 * Math.PI * frequency * index / sampleRate))
  }
  return file
}
