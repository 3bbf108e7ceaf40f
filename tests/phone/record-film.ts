import type { Browser } from 'playwright-core'

/** A second of moving colours as a WebM, recorded by the browser that will show it. */
export async function recordFilm(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage()
  try {
    return Buffer.from(String(await page.evaluate(RECORD)), 'base64')
  } finally {
    await page.close()
  }
}

// Text, because it runs in the page, where nothing of this file is.
const RECORD = `(async () => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 240
  const brush = canvas.getContext('2d')
  const draw = (part) => {
    const sky = brush.createLinearGradient(0, 0, 0, 240)
    sky.addColorStop(0, 'hsl(' + (265 + part * 40) + ' 60% 45%)')
    sky.addColorStop(1, 'hsl(' + (20 + part * 20) + ' 90% 65%)')
    brush.fillStyle = sky
    brush.fillRect(0, 0, 240, 240)
    brush.fillStyle = '#fff3c4'
    brush.beginPath()
    brush.arc(120, 150 - part * 70, 34, 0, 7)
    brush.fill()
    for (const [colour, height, speed] of [['#5b3a78', 70, 2], ['#33224d', 40, 3]]) {
      brush.fillStyle = colour
      brush.beginPath()
      brush.moveTo(0, 240)
      for (let x = 0; x <= 240; x += 6) brush.lineTo(x, 240 - height - 22 * Math.sin(x / 38 + part * speed + height))
      brush.lineTo(240, 240)
      brush.fill()
    }
  }
  draw(0)
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' })
  const parts = []
  recorder.ondataavailable = (event) => parts.push(event.data)
  const ended = new Promise((resolve) => { recorder.onstop = resolve })
  recorder.start()
  for (let step = 0; step < 25; step += 1) {
    draw(step / 24)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  recorder.stop()
  await ended
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
})()`
