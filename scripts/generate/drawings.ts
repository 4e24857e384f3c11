// The drawings of the documents, from short descriptions: boxes on a grid and arrows between them. Text is text, so that it can be searched and read aloud.

interface Box { readonly id: string, readonly at: readonly [column: number, row: number], readonly lines: readonly string[], readonly width?: number, readonly tone?: 'ours' | 'theirs' | 'record' }
interface Arrow { readonly from: string, readonly to: string, readonly label?: string, readonly isDashed?: boolean, readonly way?: 'across' | 'down' }
interface Frame { readonly label: string, readonly from: readonly [number, number], readonly to: readonly [number, number] }

interface Drawing {
  readonly file: string
  /** For those who do not see it. */
  readonly title: string
  readonly description: string
  readonly columns: number
  readonly rows: number
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
  readonly frames?: readonly Frame[]
}

const cell = { width: 150, height: 92 }
const box = { width: 126, height: 54 }

const drawings: readonly Drawing[] = [{
  file: 'docs/drawings/request.svg',
  title: 'The way of a request',
  description: 'A browser\'s request is read one way, its address, session and role are judged, it is put on record, and only then does the CRM see it. The answer is masked and its ending is put on record.',
  columns: 7,
  rows: 2,
  boxes: [
    { id: 'browser', at: [0, 0], lines: ['a browser'], tone: 'theirs' },
    { id: 'tls', at: [1, 0], lines: ['TLS,', 'one reading'] },
    { id: 'address', at: [2, 0], lines: ['the address:', 'on the list?'] },
    { id: 'session', at: [3, 0], lines: ['the person:', 'signed in, active?'] },
    { id: 'access', at: [4, 0], lines: ['the role: may it', 'do this?'] },
    { id: 'admitted', at: [5, 0], lines: ['on record,', 'durable'], tone: 'record' },
    { id: 'crm', at: [6, 0], lines: ['the CRM'], tone: 'theirs' },
    { id: 'mask', at: [5, 1], lines: ['fields masked'] },
    { id: 'completed', at: [3, 1], lines: ['its ending', 'on record'], tone: 'record' },
  ],
  arrows: [
    { from: 'browser', to: 'tls' }, { from: 'tls', to: 'address' }, { from: 'address', to: 'session' }, { from: 'session', to: 'access' }, { from: 'access', to: 'admitted' }, { from: 'admitted', to: 'crm' },
    { from: 'crm', to: 'mask', way: 'down' }, { from: 'mask', to: 'completed' }, { from: 'completed', to: 'browser', way: 'across' },
  ],
}, {
  file: 'docs/drawings/message.svg',
  title: 'The way of a message',
  description: 'A message of the CRM proves where it comes from, is redacted, looked at again, put on record and only then delivered; what cannot pass is held for a person.',
  columns: 7,
  rows: 2,
  boxes: [
    { id: 'crm', at: [0, 0], lines: ['the CRM'], tone: 'theirs' },
    { id: 'sender', at: [1, 0], lines: ['the sender:', 'is it our CRM?'] },
    { id: 'redact', at: [2, 0], lines: ['redacted by policy', 'and agreement'] },
    { id: 'recheck', at: [3, 0], lines: ['nothing left?'] },
    { id: 'released', at: [4, 0], lines: ['on record,', 'durable'], tone: 'record' },
    { id: 'queue', at: [5, 0], lines: ['sealed queue,', 'signed, TLS only'] },
    { id: 'receiver', at: [6, 0], lines: ['the receiver'], tone: 'theirs' },
    { id: 'held', at: [3, 1], lines: ['held: a person', 'releases or drops'] },
  ],
  arrows: [
    { from: 'crm', to: 'sender' }, { from: 'sender', to: 'redact' }, { from: 'redact', to: 'recheck' }, { from: 'recheck', to: 'released' }, { from: 'released', to: 'queue' }, { from: 'queue', to: 'receiver' },
    { from: 'recheck', to: 'held' }, { from: 'held', to: 'released', isDashed: true, way: 'across' },
  ],
}, {
  file: 'docs/drawings/deployment.svg',
  title: 'Where the gateway stands',
  description: 'The gateway is the only way to the CRM and out of it: people come in from known networks, it asks the identity provider, it keeps trail and sessions on its disk and in Redis, and it sends messages on to receivers.',
  columns: 5,
  rows: 3,
  frames: [{ label: 'one pod, one machine or one private network', from: [2, 0], to: [3, 1] }],
  boxes: [
    { id: 'people', at: [0, 0], lines: ['people in known', 'networks'], tone: 'theirs' },
    { id: 'idp', at: [0, 1], lines: ['identity provider', '(SAML)'], tone: 'theirs' },
    { id: 'gateway', at: [2, 0], lines: ['Sallyport'] },
    { id: 'crm', at: [3, 0], lines: ['the CRM,', 'unchanged'], tone: 'theirs' },
    { id: 'disk', at: [2, 1], lines: ['disk: spool,', 'sessions, queue'], tone: 'record' },
    { id: 'redis', at: [1, 2], lines: ['Redis: streams,', 'sessions'], tone: 'record' },
    { id: 'archive', at: [2, 2], lines: ['archive, backup,', 'checkpoints'], tone: 'record' },
    { id: 'receivers', at: [4, 1], lines: ['receivers with', 'an agreement'], tone: 'theirs' },
  ],
  arrows: [
    { from: 'people', to: 'gateway', label: 'https' }, { from: 'people', to: 'idp', label: 'sign in' }, { from: 'gateway', to: 'crm' }, { from: 'gateway', to: 'disk' },
    { from: 'disk', to: 'redis', way: 'across' }, { from: 'disk', to: 'archive' }, { from: 'disk', to: 'receivers', label: 'https' },
  ],
}, {
  file: 'docs/drawings/trail.svg',
  title: 'The way of a record',
  description: 'A record is sealed and chained, written to the spool and synced before the request goes on; it is carried to Redis and into the archive, signed checkpoints go to places of others, and a verification reads all of them.',
  columns: 5,
  rows: 3,
  boxes: [
    { id: 'event', at: [0, 1], lines: ['what happened'] },
    { id: 'seal', at: [1, 1], lines: ['sealed, chained,', 'authenticated'] },
    { id: 'spool', at: [2, 1], lines: ['spool: written', 'and synced'], tone: 'record' },
    { id: 'redis', at: [3, 0], lines: ['Redis streams'], tone: 'record' },
    { id: 'archive', at: [3, 1], lines: ['archive: sealed', 'segments, 6 years'], tone: 'record' },
    { id: 'checkpoints', at: [3, 2], lines: ['checkpoints: signed,', 'kept by others'], tone: 'record' },
    { id: 'verify', at: [4, 1], lines: ['audit verify', 'compares all'] },
  ],
  arrows: [
    { from: 'event', to: 'seal' }, { from: 'seal', to: 'spool' }, { from: 'spool', to: 'redis' }, { from: 'spool', to: 'archive' }, { from: 'spool', to: 'checkpoints' },
    { from: 'redis', to: 'verify', isDashed: true }, { from: 'archive', to: 'verify', isDashed: true }, { from: 'checkpoints', to: 'verify', isDashed: true },
  ],
}]

const style = `
  text { font: 12.5px system-ui, sans-serif; fill: #17202a; text-anchor: middle }
  .label, .frame-label { font-size: 12px; fill: #44505c }
  .frame-label { text-anchor: start }
  rect { fill: #e8f0fb; stroke: #2f5d9b; stroke-width: 1.5 }
  rect.theirs { fill: #f3f3f1; stroke: #73736b }
  rect.record { fill: #fdf1d8; stroke: #9a6b00 }
  rect.frame { fill: none; stroke: #73736b; stroke-dasharray: 6 4 }
  rect.page { fill: #ffffff; stroke: none }
  path { fill: none; stroke: #44505c; stroke-width: 1.5; marker-end: url(#head) }
  path.dashed { stroke-dasharray: 5 4 }
  marker path { fill: #44505c; stroke: none; marker-end: none }
`

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const centreOf = ({ at: [column, row] }: Box) => ({ x: 12 + column * cell.width + box.width / 2, y: 34 + row * cell.height + box.height / 2 })

function drawBox (one: Box): string {
  const { x, y } = centreOf(one)
  const first = y + 4.5 - (one.lines.length - 1) * 8.5
  const text = one.lines.map((line, at) => `<text x="${x}" y="${first + at * 17}">${escape(line)}</text>`).join('')
  return `  <rect class="${one.tone ?? 'ours'}" x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="6"/>${text}`
}

/** From edge to edge, with right angles: `across` first or `down` first, else with a step half-way. */
function drawArrow ({ from, to, label, isDashed, way }: Arrow, boxes: ReadonlyMap<string, Box>): string {
  const [a, b] = [from, to].map(id => centreOf(boxes.get(id) as Box)) as [{ x: number, y: number }, { x: number, y: number }]
  const isDown = a.x === b.x
  const [dx, dy] = [Math.sign(b.x - a.x), Math.sign(b.y - a.y)]
  const start = isDown || way === 'down' ? { x: a.x, y: a.y + dy * box.height / 2 } : { x: a.x + dx * box.width / 2, y: a.y }
  const end = isDown || way === 'across' ? { x: b.x, y: b.y - dy * (box.height / 2 + 4) } : { x: b.x - dx * (box.width / 2 + 4), y: b.y }
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
  const turns = { across: `H${end.x}`, down: `V${end.y}`, straight: `H${middle.x} V${end.y}` }
  const text = label === undefined ? '' : `<text class="label" x="${isDown ? middle.x + 26 : middle.x}" y="${middle.y - (isDown ? -4 : 6)}">${escape(label)}</text>`
  return `  <path${isDashed === true ? ' class="dashed"' : ''} d="M${start.x} ${start.y} ${isDown || dy === 0 ? '' : turns[way ?? 'straight']} L${end.x} ${end.y}"/>${text}`
}

function drawFrame ({ label, from, to }: Frame): string {
  const [x, y] = [4 + from[0] * cell.width, 26 + from[1] * cell.height]
  const width = (to[0] - from[0]) * cell.width + box.width + 16
  const height = (to[1] - from[1]) * cell.height + box.height + 16
  return `  <rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text class="frame-label" x="${x}" y="${y - 8}">${escape(label)}</text>`
}

function draw (drawing: Drawing): string {
  const width = 24 + (drawing.columns - 1) * cell.width + box.width
  const height = 60 + (drawing.rows - 1) * cell.height + box.height
  const boxes = new Map(drawing.boxes.map(one => [one.id, one]))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escape(drawing.title)}</title>`,
    `  <desc id="description">${escape(drawing.description)}</desc>`,
    `  <style>${style}  </style>`,
    '  <defs><marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    `  <rect class="page" width="${width}" height="${height}"/>`,
    ...(drawing.frames ?? []).map(drawFrame),
    ...drawing.arrows.map(arrow => drawArrow(arrow, boxes)),
    ...drawing.boxes.map(drawBox),
    '</svg>',
    '',
  ].join('\n')
}

export function writeDrawings (): ReadonlyArray<readonly [file: string, text: string]> {
  return drawings.map(drawing => [drawing.file, draw(drawing)])
}
