import express from 'express'

/** The least an Express service can do: read a JSON body and answer 202, or say hello. `args`: the port. */
export async function runExpressBaseline([port]: readonly string[]): Promise<undefined> {
  const app = express()
  app.get('/', (_req, res) => void res.send('Hello World!'))
  app.post('/v1/messages', express.json(), (_req, res) => void res.status(202).end())
  await new Promise<void>((resolve, reject) => {
    const server = app.listen(Number(port), '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    process.once('SIGTERM', () => server.close())
    process.once('SIGTERM', () => server.closeAllConnections())
    server.once('close', () => process.exit(0))
  })
}
