# Runs steps with Telephony::Asterisk::AMI.
# Argument: port. Standard input: a JSON list of {send, until}: the action's headers, and headers of
# an event to wait for, if any. One JSON line a step: {reply, events}, names in lower case.
use strict;
use warnings;
use JSON::PP;
use Telephony::Asterisk::AMI;

my ($port) = @ARGV;
my @events;

sub lower {
  my ($packet) = @_;
  return { map { lc($_) => $packet->{$_} } keys %$packet };
}

sub hear { push @events, lower($_[0]) }

sub heard {
  my ($wanted) = @_;
  for my $event (@events) {
    return 1 unless grep { ($event->{$_} // '') ne $wanted->{$_} } keys %$wanted;
  }
  return 0;
}

my $ami = Telephony::Asterisk::AMI->new(
  Host => '127.0.0.1', Port => $port, Username => 'admin', Secret => 'secret',
  Event_Callback => \&hear);
$ami->connect or die $ami->error;
my $steps = decode_json(do { local $/; <STDIN> });
$| = 1;
for my $step (@$steps) {
  my $reply = lower($ami->action($step->{send}));
  if ($step->{until} && $reply->{response} ne 'Error') {
    until (heard($step->{until})) {
      my $packet = $ami->read_response;
      die $ami->error if ($packet->{Response} || '') eq 'Error';
      hear($packet);
    }
  }
  print JSON::PP->new->encode({ reply => $reply, events => [@events] }), "\n";
  @events = ();
}
$ami->disconnect or die $ami->error;
