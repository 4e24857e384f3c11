// The CRM's page script: the bell polls, the dashboard follows the activity stream and the team channel.
/* global document, EventSource, fetch, location, setTimeout, WebSocket */

const find = name => document.querySelector(`[data-${name}]`)
const pollMs = 5000

function showBanner (text) {
  if (document.querySelector('.banner') !== null) return
  const banner = document.createElement('p')
  banner.className = 'banner'
  banner.setAttribute('role', 'alert')
  banner.append(text, ' ')
  const link = document.createElement('a')
  link.href = location.href
  link.textContent = 'Sign in again'
  banner.append(link)
  document.body.prepend(banner)
}

async function poll () {
  try {
    const answer = await fetch('/api/notifications', { headers: { accept: 'application/json' } })
    if (answer.status === 401) return showBanner('You are not signed in any more.')
    if (answer.ok) find('count').textContent = String((await answer.json()).unread || '')
  } catch { /* the server is away: the next round tries again */ }
  setTimeout(poll, pollMs)
}

function addLine (list, when, text) {
  const line = document.createElement('li')
  const time = document.createElement('time')
  time.textContent = new Date(when).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  line.append(time, ' ', text)
  list.prepend(line)
  while (list.children.length > 8) list.lastChild.remove()
}

function followActivity () {
  const stream = new EventSource('/events')
  const state = find('stream')
  stream.addEventListener('hello', () => { state.textContent = 'live' })
  stream.addEventListener('error', () => { state.textContent = 'offline' })
  stream.addEventListener('activity', event => {
    const { at, text } = JSON.parse(event.data)
    addLine(find('activity'), at, text)
  })
}

function joinChannel () {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`)
  const presence = find('presence')
  socket.addEventListener('message', event => {
    const message = JSON.parse(event.data)
    if (message.type === 'presence') presence.textContent = `${message.people.length} here: ${message.people.join(', ')}`
    if (message.type === 'message') addLine(find('chat'), message.at, `${message.from}: ${message.text}`)
  })
  socket.addEventListener('close', event => { presence.textContent = event.code === 1006 ? 'offline' : `closed (${event.code}) ${event.reason}` })
  const form = find('chat-form')
  form.addEventListener('submit', event => {
    event.preventDefault()
    const input = form.querySelector('input')
    if (input.value.trim() !== '' && socket.readyState === WebSocket.OPEN) socket.send(input.value)
    input.value = ''
  })
}

if (find('notifications') !== null) poll()
if (find('activity') !== null) followActivity()
if (find('chat') !== null) joinChannel()
