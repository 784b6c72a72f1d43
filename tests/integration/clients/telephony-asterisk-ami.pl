# Telephony::Asterisk::AMI: logs in, pings, sends, is refused, hears an event, logs off.
# Arguments: port, destination, destination that is refused. One JSON line a step.
use strict;
use warnings;
use JSON::PP;
use Telephony::Asterisk::AMI;

my ($port, $good, $bad) = @ARGV;
my $json = JSON::PP->new->canonical;
my @events;

sub say_step {
  my ($step, $packet) = @_;
  print $json->encode({ step => $step, %$packet }), "\n";
}

my $ami = Telephony::Asterisk::AMI->new(
  Host => '127.0.0.1', Port => $port, Username => 'admin', Secret => 'secret',
  Event_Callback => sub { push @events, $_[0] });
$ami->connect or die $ami->error;
say_step('ping', $ami->action(Action => 'Ping'));
say_step('sent', $ami->action(
  Action => 'MessageSend', Destination => $good, Body => 'from Telephony::Asterisk::AMI',
  From => 'sip:crm@example.net', Variable => ['X-One=1', 'X-Two=2']));
say_step('refused', $ami->action(Action => 'MessageSend', Destination => $bad, Body => 'x'));
$ami->send_action(Action => 'UserEvent', UserEvent => 'Hello', Key => 'value');
while (1) {
  my $packet = $ami->read_response;
  next unless ($packet->{Event} || '') eq 'UserEvent';
  say_step('event', $packet);
  last;
}
$ami->disconnect or die $ami->error;
say_step('logoff', { Response => 'Goodbye' });
