import { isPrivateHost, isPublicAddress } from './private-addresses';

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '172.32.0.1', '192.167.1.1', '::ffff:93.184.216.34'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '127.0.0.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255',
  '::1', '::', 'fd00::1', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:127.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', 'localhost', '',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['127.0.0.1', '[::1]', '[::ffff:7f00:1]', 'localhost', 'db.localhost', 'printer.local', 'metadata.google.internal'])('%s says that it is private', (host) => {
  expect(isPrivateHost(host)).toBe(true);
});

test.each(['hooks.slack.com', '1.1.1.1', 'localhost.example.com', 'local'.concat('ly.com')])('%s says nothing of the kind', (host) => {
  expect(isPrivateHost(host)).toBe(false);
});
