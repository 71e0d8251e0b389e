import { notificationSettings, notificationSettingsChange, notificationTest, type NotificationSettingsView, type NotificationTest } from '@forma3d/contracts';
import { CurrentStore } from '@forma3d/platform';
import { Body, Controller, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { ChangeSettings } from './change-settings';

class NotificationSettingsDto extends createZodDto(notificationSettings) {}
class NotificationSettingsChangeDto extends createZodDto(notificationSettingsChange) {}
class NotificationTestDto extends createZodDto(notificationTest) {}

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly settings: ChangeSettings) {}

  @Get('settings')
  @ApiOperation({ summary: 'How alerts of the store reach people' })
  @ZodResponse({ type: NotificationSettingsDto })
  read(@CurrentStore() storeId: string): Promise<NotificationSettingsView> {
    return this.settings.read(storeId);
  }

  @Put('settings')
  @ApiConflictResponse({ description: 'SECRETS_KEY is not set, so that no address can be stored.' })
  @ApiOperation({ summary: 'Choose a chat and a signed webhook, and the kinds of alert that go there' })
  @ZodResponse({ type: NotificationSettingsDto })
  change(@CurrentStore() storeId: string, @Body() body: NotificationSettingsChangeDto): Promise<NotificationSettingsView> {
    return this.settings.change(storeId, body);
  }

  @Post('test')
  @HttpCode(202)
  @ApiConflictResponse({ description: 'Notifications are off, or no channel is set up.' })
  @ApiOperation({ summary: 'Send a test by every channel that is set up' })
  @ZodResponse({ status: 202, type: NotificationTestDto })
  test(@CurrentStore() storeId: string): Promise<NotificationTest> {
    return this.settings.test(storeId);
  }
}
