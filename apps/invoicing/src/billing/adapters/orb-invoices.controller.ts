import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { IssueInvoice } from '../application/issue-invoice.js';
import { ServeInvoices } from '../application/serve-invoices.js';
import { PayInvoice } from '../application/pay-invoice.js';
import { InvoiceFollowers, UpdateInvoice } from '../application/update-invoice.js';
import { WriteInvoice } from '../application/write-invoice.js';

/** The operations of invoices as the gateway calls them. */
@Controller()
export class OrbInvoicesController {
  constructor(
    private readonly invoices: ServeInvoices,
    private readonly issues: IssueInvoice,
    private readonly updates: UpdateInvoice,
    private readonly pays: PayInvoice,
    private readonly writes: WriteInvoice,
    private readonly followers: InvoiceFollowers,
  ) {}

  @MessagePattern(orbPattern('list-invoices'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.invoices.list(call);
  }

  @MessagePattern(orbPattern('list-invoices-summary'))
  listSummaries(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.invoices.listSummaries(call);
  }

  @MessagePattern(orbPattern('fetch-upcoming-invoice'))
  upcoming(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.invoices.upcoming(call);
  }

  @MessagePattern(orbPattern('fetch-invoice'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.invoices.fetch(call);
  }

  @MessagePattern(orbPattern('create-invoice'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.writes.create(call);
  }

  @MessagePattern(orbPattern('create-invoice-line-item'))
  addLine(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.writes.addLine(call);
  }

  @MessagePattern(orbPattern('delete-invoice-line-item'))
  deleteLine(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.writes.deleteLine(call);
  }

  @MessagePattern(orbPattern('update-invoice'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.updates.update(call);
  }

  @MessagePattern(orbPattern('issue-invoice'))
  issue(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.issues.issue(call);
  }

  @MessagePattern(orbPattern('issue-invoice-summary'))
  issueSummary(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.issues.issueSummary(call);
  }

  @MessagePattern(orbPattern('mark-invoice-as-paid'))
  markPaid(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.followers.after(call, this.updates.markPaid(call));
  }

  @MessagePattern(orbPattern('pay-invoice'))
  pay(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.followers.after(call, this.pays.pay(call));
  }

  @MessagePattern(orbPattern('void-invoice'))
  void(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.followers.after(call, this.updates.void(call));
  }
}
