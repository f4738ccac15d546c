using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Host;
using Lateen.Proxy.Logging;
using Lateen.Proxy.Server;

var ignored = new List<string>();
CommandLine command;
try
{
    command = CommandLine.Parse(args, ignored);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"lateen-proxy: {e.Message} (see --help)");
    return 1;
}

switch (command.Mode)
{
    case RunMode.Help:
        Console.Out.WriteLine(CommandLine.Help);
        return 0;
    case RunMode.Version:
        Console.Out.WriteLine($"lateen-proxy  version: {ProxyVersion.Text}");
        return 0;
}

var levels = new LogLevels(command.Level);
foreach (var (component, level) in command.Components)
    levels.Set(component, level);
using var loggers = new StreamLoggerFactory(Console.OpenStandardError(), levels, TimeProvider.System);
try
{
    var bootstrap = BootstrapReader.Read(command.Options);
    await using var server = new ProxyServer(bootstrap, command.Options, loggers, levels, TimeProvider.System);
    if (command.Mode == RunMode.Validate)
    {
        server.Validate();
        Console.Out.WriteLine($"configuration '{command.Options.ConfigPath}' OK");
        return 0;
    }

    HostLog.Ignored(loggers, ignored);
    using var signals = new Signals(server, command.Options.DrainTime);
    await server.RunAsync(CancellationToken.None);
    return 0;
}
catch (ConfigurationException e)
{
    Console.Error.WriteLine($"error initializing configuration '{command.Options.ConfigPath}': {e.Message}");
    return 1;
}
