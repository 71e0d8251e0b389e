import { installation, installationCheck, type InstallationCheck, type InstallationView } from '@forma3d/contracts';
import { CurrentStore } from '@forma3d/platform';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { InstallationViews } from './installation-views';
import { SubscriptionCheck } from './subscription-check';

class InstallationDto extends createZodDto(installation) {}
class InstallationCheckDto extends createZodDto(installationCheck) {}

@ApiTags('Installation')
@Controller('installation')
export class InstallationController {
  constructor(
    private readonly views: InstallationViews,
    private readonly check: SubscriptionCheck,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Whether the app is installed in the shop, and what is delivered to us' })
  @ZodResponse({ type: InstallationDto })
  get(@CurrentStore() storeId: string): Promise<InstallationView> {
    return this.views.of(storeId);
  }

  @Post('check')
  @HttpCode(202)
  @ApiOperation({ summary: 'Look at subscriptions and installation now, and set up what is missing' })
  @ZodResponse({ status: 202, type: InstallationCheckDto })
  async checkNow(@CurrentStore() storeId: string): Promise<InstallationCheck> {
    await this.check.now(storeId);
    return { message: 'Shopify and SimplyPrint are being looked at.' };
  }
}
