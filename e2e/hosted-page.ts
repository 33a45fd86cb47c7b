import type { Browser, Page } from 'playwright-core';

/** Fills the hosted payment page as a person does and presses Pay. */
export async function payInBrowser(
  browser: Browser,
  url: string,
  cardNumber: string,
): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.fill('[name=card_number]', cardNumber);
  await page.fill('[name=exp]', '12 / 40');
  await page.fill('[name=cvc]', '123');
  await fillIfThere(page, '[name=name]', 'Ada Lovelace');
  await fillIfThere(page, '[name=email]', 'ada@example.com');
  const failures: string[] = [];
  page.on('requestfailed', (request) =>
    failures.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`),
  );
  // The click resolves when the form is sent; the page that answers may come by a redirect.
  await Promise.all([
    page.waitForNavigation({ waitUntil: 'load' }),
    page.click('button[name=action][value=pay]'),
  ]);
  if (failures.length > 0) throw new Error(`The payment page led nowhere: ${failures.join('; ')}`);
  return page;
}

async function fillIfThere(page: Page, selector: string, value: string): Promise<void> {
  if ((await page.locator(selector).count()) > 0) await page.fill(selector, value);
}
