// Attachments: uploads of any size are streamed to a file, downloads from it. Nothing is held in memory.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import { formatBytes, formatTime, html } from './html.ts'
import { absolute, sendPage, type CrmContext } from './layout.ts'
import type { Attachment } from './records.ts'

/** Counts and hashes what flows through. */
function createMeter () {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform (chunk: Buffer, _encoding, done) { bytes += chunk.length; hash.update(chunk); done(null, chunk) },
  })
  return { stream, result: () => ({ bytes, sha256: hash.digest('hex') }) }
}

/** RFC 6266 with RFC 8187: a plain name for old programs and the real one. */
function disposition (name: string): string {
  const plain = name.replace(/[^\w. -]/g, '_')
  const encoded = encodeURIComponent(name).replace(/['()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

const list = (context: CrmContext, chosen: string) => html`
<section class="card"><h2>Add a file</h2><form method="post" action="/attachments" enctype="multipart/form-data" class="fields">
  <label>Patient <select name="patient"><option value="">none</option>${context.records.patients().map(patient => html`<option value="${patient.id}"${patient.id === chosen ? ' selected' : ''}>${patient.name}</option>`)}</select></label>
  <label>File <input type="file" name="file" required></label><div><button>Upload</button></div></form></section>
<section class="card wide">${context.records.attachments().length === 0
  ? html`<p class="empty">No files yet. Upload one of any size.</p>`
  : html`<table><thead><tr><th>File</th><th>Patient</th><th>Size</th><th>Added</th></tr></thead><tbody>${context.records.attachments().map(file => html`<tr>
    <td><a href="/attachments/${file.id}">${file.name}</a><small>SHA-256 ${file.sha256.slice(0, 16)}…</small></td>
    <td>${context.records.patient(file.patientId ?? '')?.name ?? '—'}</td><td>${formatBytes(file.bytes)}</td><td>${formatTime(file.at)}<small>${file.by}</small></td></tr>`)}</tbody></table>`}</section>`

export async function registerAttachmentRoutes (app: FastifyInstance, context: CrmContext): Promise<void> {
  const { records, visitors, uploads } = context
  const pathOf = (id: string) => join(uploads, id)
  await app.register(multipart, { limits: { fileSize: Infinity, files: 1, fields: 5 } })

  app.get<{ Querystring: { patient?: string } }>('/attachments', async (request, reply) => sendPage(context, request, reply, {
    title: 'Attachments', lead: 'Letters, results, pictures', body: list(context, String(request.query.patient ?? '')),
  }))

  app.post('/attachments', async (request, reply) => {
    if (!request.isMultipart()) return reply.code(415).send({ error: 'send the file as multipart/form-data' })
    const part = await request.file()
    if (part === undefined) return reply.code(400).send({ error: 'there is no file in the form' })
    const id = `a-${randomBytes(6).toString('hex')}`
    const meter = createMeter()
    try {
      await pipeline(part.file, meter.stream, createWriteStream(pathOf(id)))
    } catch (error) {
      await rm(pathOf(id), { force: true })
      throw error
    }
    const field = part.fields['patient']
    const patientId = field !== undefined && 'value' in field && records.patient(String(field.value)) !== undefined ? String(field.value) : undefined
    const visitor = visitors.of(request)
    const attachment: Attachment = { id, patientId, name: part.filename || 'file', type: part.mimetype, ...meter.result(), by: visitor.id, at: new Date().toISOString() }
    records.addAttachment(attachment)
    if (request.headers.accept?.includes('application/json') === true) return reply.code(201).header('location', absolute(request, `/attachments/${id}`)).send(attachment)
    visitor.session.flash = `${attachment.name} was uploaded, ${formatBytes(attachment.bytes)}.`
    return reply.redirect(absolute(request, '/attachments'), 303)
  })

  app.get<{ Params: { id: string } }>('/attachments/:id', async (request, reply) => {
    const attachment = records.attachment(request.params.id)
    if (attachment === undefined) return reply.callNotFound()
    return reply.type('application/octet-stream').header('content-length', attachment.bytes).header('content-disposition', disposition(attachment.name))
      .header('x-content-type-options', 'nosniff').send(createReadStream(pathOf(attachment.id)))
  })

  app.delete<{ Params: { id: string } }>('/attachments/:id', async (request, reply) => {
    if (!records.removeAttachment(request.params.id, visitors.of(request).id)) return reply.callNotFound()
    await rm(pathOf(request.params.id), { force: true })
    return reply.code(204).send()
  })
}
