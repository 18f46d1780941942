using Servo.Cli;
using Servo.Cli.Terminal;

using var interruption = new Interruption();

return await ToolApplication.RunAsync(args, StandardStreams.OfProcess(), interruption);
