// Keys for the safe: the file is nothing without its code, and the code survives being written down and typed in.
import t from 'tap'
import fc from 'fast-check'
import { readEscrow, readEscrowCode, sealEscrow } from '../../src/audit/audit.ts'

const keys = { 'audit.key': 'invented key of a test, long enough to fill some lines of the file that holds it, and then a little more of it', 'export.key': 'another one\nwith lines\n' }
const { text, code } = sealEscrow({ keys, gateway: 'crm', madeAt: Date.UTC(2026, 10, 26) })

t.test('the file says what it is and holds nothing readable; the code is six groups of five', async t => {
  t.match(text, /^sallyport key escrow 1\ngateway crm\nmade 2026-11-26T00:00:00\.000Z\nholds audit\.key export\.key\n\n[A-Za-z0-9_-]{76}\n/)
  t.notMatch(text, /invented|another/)
  t.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5}$/)
  t.not(sealEscrow({ keys, gateway: 'crm', madeAt: 0 }).code, code)
})

t.test('opens with its code however it is typed, and with no other', async t => {
  for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' '), `  ${code.replaceAll('-', '')}\n`, code.replaceAll('0', 'o').replaceAll('1', 'l')]) {
    t.same(readEscrow(text)?.open(readEscrowCode(typed) ?? ''), keys, typed)
  }
  t.equal(readEscrow(text)?.open(readEscrowCode(sealEscrow({ keys, gateway: 'crm', madeAt: 0 }).code) ?? ''), undefined)
})

t.test('one wrong letter, a missing one and two exchanged neighbours are typing mistakes', async t => {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const plain = code.replaceAll('-', '')
  for (let at = 0; at < plain.length; at += 1) {
    t.equal(readEscrowCode(plain.slice(0, at) + plain.slice(at + 1)), undefined)
    const others = [...letters].filter(letter => letter !== plain[at])
    t.equal(others.filter(letter => readEscrowCode(plain.slice(0, at) + letter + plain.slice(at + 1)) !== undefined).length, 0, `letter ${at}`)
  }
  t.equal(readEscrowCode(''), undefined)
})

t.test('no two neighbours can change places unnoticed, whatever letters they are', async t => {
  for (let round = 0; round < 200; round += 1) {
    const plain = sealEscrow({ keys, gateway: 'crm', madeAt: 0 }).code.replaceAll('-', '')
    const unnoticed = Array.from({ length: plain.length - 1 }, (_, at) => at)
      .filter(at => plain[at] !== plain[at + 1] && readEscrowCode(`${plain.slice(0, at)}${plain[at + 1]}${plain[at]}${plain.slice(at + 2)}`) !== undefined)
    if (unnoticed.length > 0) t.fail(`letters ${unnoticed.join(', ')} of ${plain}`)
  }
})

t.test('any changed letter of the file and it does not open', async t => {
  const typed = readEscrowCode(code) ?? ''
  fc.assert(fc.property(fc.nat({ max: text.length - 1 }), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }), (at, letter) => {
    const edited = text.slice(0, at) + letter + text.slice(at + 1)
    return edited === text || readEscrow(edited)?.open(typed) === undefined
  }), { numRuns: 1000 })
  for (const other of ['', 'nonsense', text.slice(0, 60)]) t.equal(readEscrow(other), undefined)
})
