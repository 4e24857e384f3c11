// Call recordings: the list with players, and the sound itself, whole or a range of it (RFC 9110 section 14).
import type { FastifyInstance } from 'fastify'
import { formatTime, html } from './html.ts'
import { sendPage, type CrmContext } from './layout.ts'
import type { Recording } from './records.ts'
import { createTone } from './tone.ts'

const entry = (recording: Recording) => html`<li id="${recording.id}" class="card call">
  <div><b>${recording.patientId === undefined ? recording.caller : html`<a href="/patients/${recording.patientId}">${recording.caller}</a>`}</b> <span class="badge ${recording.direction}">${recording.direction}</span>
  <p>${recording.summary}</p><small>${formatTime(recording.at)} · ${recording.takenBy} · 0:0${recording.seconds}</small></div>
  <audio controls preload="none" src="/recordings/${recording.id}/audio" aria-label="Recording of the call with ${recording.caller}"></audio></li>`

/** First and last byte of `Range: bytes=…`, `undefined` for none or one that we may ignore, `'beyond'` when it cannot be met. */
function readRange (header: string | undefined, size: number): { first: number, last: number } | 'beyond' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') return Number(match[2]) === 0 ? 'beyond' : { first: Math.max(0, size - Number(match[2])), last: size - 1 }
  const first = Number(match[1])
  const last = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (first >= size) return 'beyond'
  return last < first ? undefined : { first, last }
}

export function registerRecordingRoutes (app: FastifyInstance, context: CrmContext): void {
  const { records } = context
  app.get('/recordings', async (request, reply) => sendPage(context, request, reply, {
    title: 'Recordings', lead: 'Calls of the last days', body: html`<ul class="calls">${records.recordings().map(entry)}</ul>`,
  }))

  app.get<{ Params: { id: string } }>('/recordings/:id/audio', async (request, reply) => {
    const recording = records.recording(request.params.id)
    if (recording === undefined) return reply.callNotFound()
    const sound = createTone({ seconds: recording.seconds, seed: recording.id })
    const range = readRange(request.headers.range, sound.length)
    reply.type('audio/wav').header('accept-ranges', 'bytes').header('cache-control', 'private, no-store')
    if (range === undefined) return reply.send(sound)
    if (range === 'beyond') return reply.code(416).header('content-range', `bytes */${sound.length}`).send()
    return reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${sound.length}`).send(sound.subarray(range.first, range.last + 1))
  })
}
