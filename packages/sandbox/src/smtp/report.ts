/** What a delivery report says about one recipient. */
export interface DeliveryStatus {
  readonly envelopeId: string;
  readonly recipient: string;
  readonly sender: string;
  readonly delivered: boolean;
  readonly arrivedAt: Date;
  readonly originalHeaders: string;
  readonly reportId: string;
}

const HOST = 'mx.sandbox.example.test';

/** Writes a delivery status notification (RFC 3464) with the original headers as its third part. */
export function writeReport(status: DeliveryStatus): string {
  const boundary = `report-${status.reportId}`;
  const { delivered, recipient } = status;
  const date = status.arrivedAt.toUTCString().replace('GMT', '+0000');
  const sentence = delivered
    ? `Your message was delivered to ${recipient}.`
    : `Your message could not be delivered to ${recipient}: the mailbox does not exist.`;
  return [
    `From: Mail Delivery System <mailer-daemon@${HOST}>`,
    `To: <${status.sender}>`,
    `Subject: ${delivered ? 'Successful Mail Delivery' : 'Undelivered Mail'} Report`,
    `Date: ${date}`,
    `Message-ID: <${status.reportId}@${HOST}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    sentence,
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${HOST}`,
    `Original-Envelope-Id: ${status.envelopeId}`,
    `Arrival-Date: ${date}`,
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Original-Recipient: rfc822; ${recipient}`,
    `Action: ${delivered ? 'delivered' : 'failed'}`,
    `Status: ${delivered ? '2.0.0' : '5.1.1'}`,
    `Remote-MTA: dns; ${HOST}`,
    `Diagnostic-Code: smtp; ${delivered ? '250 2.0.0 Ok' : '550 5.1.1 User unknown'}`,
    `Last-Attempt-Date: ${date}`,
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    status.originalHeaders,
    '',
    `--${boundary}--`,
    '',
  ].join('\r\n');
}
