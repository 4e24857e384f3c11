// `sallyport init DIRECTORY`: asks what it was not told, and writes what a gateway needs to start.
import { createInterface, type Interface } from 'node:readline'
import type { Command } from './command.ts'
import { UsageError } from './command.ts'
import { plain, type Output } from './output.ts'
import { printFindings } from './config-check.ts'

const questions = [
  ['public-url', 'The address that people type into the browser (https://crm.example)'],
  ['crm', 'The address of the CRM as this machine reaches it (http://127.0.0.1:8080)'],
  ['allow', 'Networks from which people may come, separated by commas (203.0.113.0/24)'],
  ['idp', 'The identity provider\'s metadata: an https address, or a file'],
  ['group', 'The group at the identity provider whose people may use the CRM'],
] as const

type Name = (typeof questions)[number][0]

const profileQuestion = 'The CRM, when it is one of suitecrm, espocrm, dolibarr, twenty, request-tracker; else leave it empty'

/** Answers come line by line, from a person or from a pipe; undefined when there are no more. */
function createAsker (input: Interface): (question: string) => Promise<string | undefined> {
  const lines = input[Symbol.asyncIterator]()
  return async question => {
    process.stderr.write(`${question}: `)
    const { value, done } = await lines.next() as { readonly value?: string, readonly done?: boolean }
    return done === true ? undefined : value
  }
}

/** The profile is asked for where somebody answers anyway; a script that gave all else is not stopped for it. */
async function answerAll (options: ReadonlyMap<string, string>): Promise<Readonly<Record<Name, string>> & { readonly profile: string | undefined }> {
  let isAsking = false
  const answers = new Map<string, string>()
  const input = createInterface({ input: process.stdin, terminal: false })
  const ask = createAsker(input)
  try {
    for (const [name, question] of questions) {
      isAsking ||= !options.has(name)
      const answer = (options.get(name) ?? await ask(question))?.trim()
      if (answer === undefined) process.stderr.write('\n')
      if (answer === undefined || answer === '') throw new UsageError(`init needs --${name}: ${question.charAt(0).toLowerCase()}${question.slice(1)}.`)
      answers.set(name, answer)
    }
    const profile = (options.get('profile') ?? (isAsking ? await ask(profileQuestion) : undefined))?.trim()
    return { ...Object.fromEntries(answers) as Record<Name, string>, profile: profile === '' ? undefined : profile }
  } finally {
    input.close()
  }
}

function printNext (file: string, wantsCertificate: boolean, output: Output): void {
  output.line(plain(`${file} is written, with its keys beside it. What comes next:`))
  const steps = [
    'Keep copies of keys/audit.key, keys/archive.key and keys/backup.key off this machine: without them trail, archive and backups cannot be read.',
    wantsCertificate ? 'The certificate is a throw-away one for 30 days that browsers warn of: replace tls/crm.pem and tls/crm.key before people come in.' : 'Lay the certificate and its key into tls/crm.pem and tls/crm.key.',
    `Try every part: sallyport check --live --config ${file}`,
    `Start it: sallyport serve --config ${file}`,
  ]
  for (const [index, step] of steps.entries()) output.line(plain(`  ${index + 1}. ${step}`))
}

export const init: Command = {
  name: 'init',
  positionals: ['DIRECTORY'],
  options: {
    'public-url': { value: 'URL', help: 'The address that people type, https://crm.example.' },
    crm: { value: 'URL', help: 'Where the CRM listens, http://127.0.0.1:8080.' },
    allow: { value: 'NETWORKS', help: 'Networks from which people may come, separated by commas.' },
    idp: { value: 'METADATA', help: 'The IdP\'s metadata: an https address, or a file.' },
    group: { value: 'GROUP', help: 'The group at the IdP whose people may use the CRM.' },
    profile: { value: 'NAME', help: 'The profile of the CRM (suitecrm, espocrm, dolibarr, twenty, request-tracker); docs/profiles.md.' },
    'test-certificate': { help: 'Make a throw-away certificate (with openssl), to try things out.' },
  },
  summary: 'Asks a few questions and writes gateway.yaml with comments, and keys. Overwrites nothing.',
  async run ({ options, positionals: [directory = ''] }, output) {
    const answers = await answerAll(options)
    const wantsCertificate = options.has('test-certificate')
    const { createPlace } = await import('../operations/create-place.ts')
    const made = await createPlace(directory, {
      publicUrl: answers['public-url'].replace(/\/$/, ''),
      crmUrl: answers.crm.replace(/\/$/, ''),
      networks: answers.allow.split(',').map(network => network.trim()).filter(network => network !== ''),
      idp: answers.idp,
      group: answers.group,
      profile: answers.profile,
      wantsCertificate,
    })
    const awaited = made.ok ? [] : made.findings.filter(({ path }) => wantsCertificate || !path.startsWith('listeners.public.tls.certificates'))
    if (awaited.length > 0) { printFindings(awaited, line => { output.line(line) }); return 1 }
    printNext(made.file, wantsCertificate, output)
    return 0
  },
}
