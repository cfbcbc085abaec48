/**
 * Test kit: the payer opens a sign page and decides. Throws with the page's words when it refuses.
 */
export async function decideOnPage(url: string, decision: 'agree' | 'refuse'): Promise<void> {
  const page = await fetch(url);
  const html = await page.text();
  if (!page.ok) throw new Error(`the sign page answered ${page.status}: ${html.slice(0, 300)}`);
  const done = await fetch(url, { method: 'POST', body: new URLSearchParams({ decision }) });
  if (!done.ok) throw new Error(`the decision was answered ${done.status}: ${await done.text()}`);
}
