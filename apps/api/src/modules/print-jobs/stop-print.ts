import { Database } from '@forma3d/database';
import { OutsideError } from '@forma3d/kernel';
import { Handles } from '@forma3d/platform';
import type { SimplyPrintClient, SimplyPrintPrinter } from '@forma3d/simplyprint';
import { done, retry, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Connections } from '../connections';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { hasEnded } from './print-moves';
import { PrintReports } from './print-reports';
import { isPrinting, SweepPrints } from './sweep-prints';

/** SimplyPrint's number for "regretted". */
const REGRETTED = 2;

/**
 * Stops a print that a printer was given. SimplyPrint cancels by printer, whatever that prints, so that the printer is looked at right
 * before, each time: only one that still has our job is told to stop. The print counts as cancelled once SimplyPrint says so.
 *
 * One that was asked back before it began, and has begun since, goes on: stopping it then is a person's decision.
 */
@Injectable()
@Handles('PRINT_STOP')
export class StopPrint implements TaskHandler<'PRINT_STOP'> {
  constructor(
    private readonly db: Database,
    private readonly prints: PrintJobsRepository,
    private readonly reports: PrintReports,
    private readonly sweep: SweepPrints,
    @Inject(Connections) private readonly connections: Pick<Connections, 'simplyprint'>,
  ) {}

  async handle(task: Task<'PRINT_STOP'>, signal: AbortSignal): Promise<Outcome> {
    const print = await this.toStop(task);
    if (!print) return done;
    const client = await this.connections.simplyprint(task.storeId);
    const printer = (await client.listPrinters(signal)).find((each) => each.job?.id === print.simplyprintJobId);
    if (printer && isPrinting(printer) && print.stopRequestedAt === null) {
      await this.hasBegun(print, printer);
      return done;
    }
    const refusal = printer && (await this.stop(client, printer, print, signal));
    await this.sweep.sweep(task.storeId, signal);
    if (!(await this.toStop(task))) return done;
    return retry(refusal?.message ?? (printer ? 'SimplyPrint has not confirmed the stop yet' : 'no printer has the job, and SimplyPrint does not say that it ended'));
  }

  /** The print, as long as it is asked to end and has not. */
  private async toStop(task: Task<'PRINT_STOP'>): Promise<PrintRow | undefined> {
    const print = await this.prints.get(this.db, task.storeId, task.payload.print_job_id);
    if (!print || hasEnded(print.status) || print.simplyprintJobId === null) return undefined;
    const backInTime = print.status !== 'PRINTING' && print.cancelRequestedAt !== null;
    return print.stopRequestedAt !== null || backInTime ? print : undefined;
  }

  /** Answers SimplyPrint's refusal: most likely the print has just ended, which the next look shows. */
  private async stop(client: SimplyPrintClient, printer: SimplyPrintPrinter, print: PrintRow, signal: AbortSignal): Promise<OutsideError | undefined> {
    try {
      await client.cancelPrinterJob(printer.id, REGRETTED, `Forma3D Connect: print ${print.id} is not wanted any more`, signal);
      return undefined;
    } catch (error) {
      if (error instanceof OutsideError && error.failure === 'permanent') return error;
      throw error;
    }
  }

  private async hasBegun(print: PrintRow, printer: SimplyPrintPrinter): Promise<void> {
    await this.reports.apply(print.storeId, [
      {
        jobId: print.simplyprintJobId ?? '',
        uid: print.simplyprintJobUid,
        queueItemId: null,
        status: 'PRINTING',
        printerId: printer.id,
        printerName: printer.name,
        percentage: Math.round(printer.job?.percentage ?? 0),
        reason: null,
      },
    ]);
  }
}
