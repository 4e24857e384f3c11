// Runs in the CRM's pages. Reports what a person does, warns before the session ends, and covers the page when it has. No names of its own in the page.
(() => {
  const { currentScript: self, documentElement: root } = document
  const { left, idle, url, out } = self.dataset
  const idleMs = Number(idle)
  const reportEveryMs = Math.min(30000, idleMs / 4)
  const warnMs = Math.min(60000, idleMs / 3)
  const isTop = window === window.top
  let until = Date.now() + Number(left)
  let reportedAt = Date.now()
  let askedAt = 0
  let dialog, cover, text, isOver, isAsking

  // All tabs and frames of this address; where there is no channel, by the storage that they share.
  const channel = window.BroadcastChannel && new BroadcastChannel('_sallyport')
  const tell = message => {
    if (channel) channel.postMessage(message)
    else try { localStorage.setItem('_sallyport', JSON.stringify([message, Date.now()])) } catch {}
  }
  const hear = message => {
    if (message === 'over') { hide(); ask('GET') } else if (message > until) extend(message)
  }
  if (channel) channel.onmessage = event => hear(event.data)
  else window.addEventListener('storage', event => { if (event.key === '_sallyport' && event.newValue) hear(JSON.parse(event.newValue)[0]) })

  const extend = time => {
    until = time
    if (until - Date.now() > warnMs && dialog) { dialog.remove(); dialog = undefined }
    uncover()
  }

  // Asks how long is left, or reports that somebody is here: only that moves the clock.
  const ask = method => {
    if (isAsking || isOver) return
    isAsking = true
    askedAt = Date.now()
    fetch(url, { method, credentials: 'same-origin', cache: 'no-store', redirect: 'error' }).then(async answer => {
      if (answer.status === 401) return leave()
      if (!answer.ok) throw answer
      const { leftMs } = await answer.json()
      until = Date.now() + leftMs
      extend(until)
      tell(until)
    }).catch(() => { if (Date.now() >= until) hide() }).finally(() => { isAsking = false })
  }

  const make = (name, style, words) => {
    const made = document.createElement(name)
    Object.assign(made.style, style)
    if (words) made.textContent = words
    return made
  }
  const font = '16px/1.5 system-ui, sans-serif'

  const hide = () => {
    if (cover) return
    cover = make('dialog', { position: 'fixed', inset: 0, width: '100vw', height: '100vh', maxWidth: 'none', maxHeight: 'none', margin: 0, border: 0, padding: '20vh 0 0', background: '#1c2b33', color: '#fff', font, textAlign: 'center' }, 'One moment: is somebody still signed in here?')
    cover.addEventListener('cancel', event => event.preventDefault())
    root.append(cover)
    cover.showModal()
  }
  const uncover = () => {
    if (!cover || Date.now() >= until) return
    cover.remove()
    cover = undefined
  }

  const leave = () => {
    if (isOver) return
    isOver = true
    hide()
    tell('over')
    if (!isTop) return
    // What was on the page is gone even when nothing answers any more.
    if (document.body) document.body.replaceChildren()
    window.location.assign(out)
  }

  const warn = () => {
    if (dialog || !isTop) return
    dialog = make('dialog', { maxWidth: '26rem', border: 0, borderRadius: '8px', padding: '24px', font, color: '#1c2b33', background: '#fff', boxShadow: '0 8px 40px #0008' })
    dialog.setAttribute('aria-label', 'You will be signed out')
    text = make('p', { margin: '0 0 16px' })
    text.setAttribute('role', 'status')
    const stay = make('button', { font, padding: '8px 16px', border: 0, borderRadius: '6px', background: '#1b5e50', color: '#fff', cursor: 'pointer' }, 'Stay signed in')
    stay.type = 'button'
    stay.autofocus = true
    stay.onclick = () => ask('POST')
    dialog.addEventListener('cancel', event => { event.preventDefault(); ask('POST') })
    dialog.append(text, stay)
    root.append(dialog)
    dialog.showModal()
    stay.focus()
  }

  const look = () => {
    if (isOver) return
    const leftMs = until - Date.now()
    if (leftMs <= 0) { hide(); ask('GET') } else if (leftMs <= warnMs) {
      warn()
      // Every second would be read aloud.
      const seconds = Math.ceil(leftMs / 1000)
      const words = `Nobody has done anything here for a while. You will be signed out in ${seconds > 10 ? Math.ceil(seconds / 10) * 10 : seconds} seconds.`
      if (text && text.textContent !== words) text.textContent = words
    }
  }
  setInterval(look, 1000)
  // A laptop that slept, a tab that comes back, a page out of the browser's memory.
  for (const name of ['visibilitychange', 'pageshow', 'focus']) {
    window.addEventListener(name, event => {
      look()
      if (event.persisted) hide()
      // It may have ended elsewhere.
      if (event.persisted || (document.visibilityState === 'visible' && Date.now() - askedAt > reportEveryMs)) ask('GET')
    }, true)
  }

  const act = event => {
    if (!event.isTrusted || dialog || cover || isOver) return
    const now = Date.now()
    if (now - reportedAt < reportEveryMs) return
    reportedAt = now
    ask('POST')
  }
  // Not `scroll`: a page that scrolls by itself says so too. A person turns the wheel, drags or touches.
  for (const name of ['keydown', 'pointerdown', 'pointermove', 'touchstart', 'wheel']) window.addEventListener(name, act, { capture: true, passive: true })
})()
