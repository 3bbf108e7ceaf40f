/** A fenced block: its language, its text and the line on which it begins, from 1. */
export type Block = Readonly<{ language: string; text: string; line: number }>

/** The fenced blocks of a page, those inside lists too. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: lineAt(page, index),
    }),
  )
}

/** The commands of a shell block as a reader types them: continued lines joined, comments and blank lines left out. */
export function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
    .filter((line) => line !== '')
}

export type Link = Readonly<{ target: string; line: number }>

/** What a page points to, pictures included. Code points nowhere. */
export function linksOf(page: string): readonly Link[] {
  const prose = page.replaceAll(/^ *```[\s\S]*?^ *```$|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\n]/g, ' '))
  return [...prose.matchAll(/\]\(([^()\s]+)\)|(?:src|srcset|href)="([^"\s]+)"/g)].map(
    ({ index, 1: inline, 2: attribute }) => ({ target: inline ?? attribute ?? '', line: lineAt(prose, index) }),
  )
}

/** The anchors that GitHub gives to a page's headings. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const seen = new Map<string, number>()
  for (const [, heading = ''] of page.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    anchors.add(before === 0 ? slug : `${slug}-${before}`)
  }
  return anchors
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
