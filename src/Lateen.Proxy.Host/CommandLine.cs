using System.Globalization;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Logging;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Host;

/// <summary>What the process is asked to do.</summary>
internal enum RunMode
{
    /// <summary>Serve.</summary>
    Serve,

    /// <summary>Read and check the bootstrap, then end.</summary>
    Validate,

    /// <summary>Print the version.</summary>
    Version,

    /// <summary>Print the options.</summary>
    Help,
}

/// <summary>The command line: Envoy's options where they have a meaning here; its others are accepted and noted.</summary>
internal sealed record CommandLine(RunMode Mode, BootstrapOptions Options, LogLevel Level, IReadOnlyList<(string Component, LogLevel Level)> Components)
{
    public const string Help =
        """
        lateen-proxy: a proxy that is configured as Envoy is, from a bootstrap file and over xDS

        Usage: lateen-proxy -c BOOTSTRAP [options]

          -c, --config-path PATH          bootstrap file: .yaml, .json or .pb
              --config-yaml YAML          bootstrap as text, merged over the file
              --mode serve|validate       validate: check the bootstrap and exit
              --concurrency N             event loops (default: processors)
          -l, --log-level LEVEL           trace, debug, info, warning, error, critical, off (default: info)
              --component-log-level LIST  e.g. upstream:debug,config:trace
              --service-node ID           overrides node.id
              --service-cluster NAME      overrides node.cluster
              --service-zone NAME         overrides node.locality.zone
              --drain-time-s N            how long connections may take to drain (default: 600)
              --drain-strategy S          gradual or immediate (default: gradual)
              --file-flush-interval-msec N  how long an access log line may wait (default: 1000)
              --admin-address-path PATH   file to write the admin server's address to
              --version                   print the version
          -h, --help                      print this

        Exit status: 0 after a clean end or a valid bootstrap, 1 when the bootstrap or the command line is not valid or a
        listener cannot be opened.
        """;

    /// <summary>Envoy's options that change nothing here.</summary>
    private static readonly HashSet<string> IgnoredWithValue =
    [
        "--local-address-ip-version", "--parent-shutdown-time-s", "--restart-epoch", "--base-id", "--base-id-path", "--log-path",
        "--log-format", "--socket-path", "--socket-mode", "--stats-tag", "--disable-extensions", "--bootstrap-version",
    ];

    private static readonly HashSet<string> IgnoredFlags =
    [
        "--log-format-escaped", "--disable-hot-restart", "--use-dynamic-base-id", "--skip-hot-restart-on-no-parent",
        "--skip-hot-restart-parent-stats", "--enable-fine-grain-logging", "--allow-unknown-static-fields",
        "--reject-unknown-dynamic-fields", "--ignore-unknown-dynamic-fields", "--skip-deprecated-logs", "--enable-mutex-tracing",
        "--cpuset-threads", "--enable-core-dump", "--hot-restart-version",
    ];

    /// <summary>Reads the arguments; <paramref name="ignored"/> receives those that change nothing.</summary>
    /// <exception cref="FormatException">An unknown option or a value that is not valid.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments, List<string> ignored)
    {
        var result = new CommandLine(RunMode.Serve, new BootstrapOptions(), LogLevel.Information, []);
        var given = new List<KeyValuePair<string, string>>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            string Value() => value ??= ++i < arguments.Count ? arguments[i] : throw new FormatException($"option {name} needs a value");
            if (IgnoredWithValue.Contains(name))
                ignored.Add($"{name} {Value()}");
            else if (IgnoredFlags.Contains(name))
                ignored.Add(name);
            else
                result = result.With(name, Value);
            given.Add(new(name.TrimStart('-').Replace('-', '_'), value ?? "true"));
        }

        return result with { Options = result.Options with { Given = given } };
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private CommandLine With(string name, Func<string> value) => name switch
    {
        "-c" or "--config-path" => this with { Options = Options with { ConfigPath = value() } },
        "--config-yaml" => this with { Options = Options with { ConfigYaml = value() } },
        "--concurrency" => this with { Options = Options with { Concurrency = Math.Max(1, Number(name, value())) } },
        "--service-node" => this with { Options = Options with { ServiceNode = value() } },
        "--service-cluster" => this with { Options = Options with { ServiceCluster = value() } },
        "--service-zone" => this with { Options = Options with { ServiceZone = value() } },
        "--drain-time-s" => this with { Options = Options with { DrainTime = TimeSpan.FromSeconds(Number(name, value())) } },
        "--drain-strategy" => this with { Options = Options with { DrainStrategy = Strategy(value()) } },
        "--file-flush-interval-msec" =>
            this with { Options = Options with { FileFlushInterval = TimeSpan.FromMilliseconds(Math.Max(1, Number(name, value()))) } },
        "--admin-address-path" => this with { Options = Options with { AdminAddressPath = value() } },
        "--mode" => this with { Mode = ModeOf(value()) },
        "-l" or "--log-level" => this with { Level = LevelOf(value()) },
        "--component-log-level" => this with { Components = [.. ComponentLevels(value())] },
        "--version" => this with { Mode = RunMode.Version },
        "-h" or "--help" => this with { Mode = RunMode.Help },
        _ => throw new FormatException($"unknown option {name}"),
    };

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"option {name}: expected a number, got '{value}'");

    private static RunMode ModeOf(string value) => value switch
    {
        "serve" => RunMode.Serve,
        "validate" or "init_only" => RunMode.Validate,
        _ => throw new FormatException($"option --mode: expected serve or validate, got '{value}'"),
    };

    private static DrainStrategy Strategy(string value) => value switch
    {
        "gradual" => DrainStrategy.Gradual,
        "immediate" => DrainStrategy.Immediate,
        _ => throw new FormatException($"option --drain-strategy: expected gradual or immediate, got '{value}'"),
    };

    private static LogLevel LevelOf(string value) =>
        LogLevels.TryParse(value, out var level) ? level : throw new FormatException($"unknown log level '{value}'");

    // Components that only Envoy has are left out without error: agents name them by habit.
    private static IEnumerable<(string, LogLevel)> ComponentLevels(string list)
    {
        foreach (var item in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.Split(':') is not [var component, var level])
                throw new FormatException($"option --component-log-level: expected COMPONENT:LEVEL, got '{item}'");
            yield return (component, LevelOf(level));
        }
    }
}
