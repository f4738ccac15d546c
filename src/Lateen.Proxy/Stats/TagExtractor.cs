using System.Text.RegularExpressions;
using Envoy.Config.Metrics.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Stats;

/// <summary>A metric's name without its tag values, and the tags.</summary>
/// <param name="Name">E.g. <c>cluster.upstream_rq_total</c>.</param>
/// <param name="Tags">E.g. <c>envoy_cluster_name</c> = <c>reviews</c>.</param>
public sealed record ExtractedName(string Name, IReadOnlyList<Tag> Tags);

/// <summary>
/// Takes tags out of metric names (Envoy: tag extraction). Each rule's first group is cut out of the name, the second, or else the
/// first, is the value. All rules see the original name; for one tag the first rule that matches wins.
/// </summary>
public sealed class TagExtractor
{
    /// <summary>Envoy's default tags, in its order.</summary>
    private static readonly (string Tag, string Pattern)[] Defaults =
    [
        ("envoy_response_code", @"_rq(_(\d{3}))$"),
        ("envoy_response_code_class", @"_rq_((\d))xx$"),
        ("envoy_listener_address", @"^listener\.(([_.:\[\]a-fA-F0-9]+)\.)"),
        ("envoy_virtual_host", @"^vhost\.(([^.]+)\.)"),
        ("envoy_virtual_cluster", @"^vhost\.[^.]+\.vcluster\.(([^.]+)\.)"),
        ("envoy_route", @"^vhost\.[^.]+\.route\.(([^.]+)\.)"),
        ("envoy_http_conn_manager_prefix", @"^http\.(([^.]+)\.)"),
        ("envoy_http_conn_manager_prefix", @"^listener\..*?\.http\.(([^.]+)\.)"),
        ("envoy_cluster_name", @"^cluster\.(([^.]+)\.)"),
        ("envoy_rds_route_config", @"^http\.[^.]+\.rds\.((.+?)\.)\w+$"),
        ("envoy_tcp_prefix", @"^tcp\.(([^.]+)\.)"),
        ("envoy_ssl_cipher", @"ssl\.ciphers(\.(.+))$"),
        ("envoy_ssl_version", @"ssl\.versions(\.(.+))$"),
        ("envoy_ssl_curve", @"ssl\.curves(\.(.+))$"),
        ("envoy_ssl_sigalg", @"ssl\.sigalgs(\.(.+))$"),
        ("envoy_ext_authz_prefix", @"\.ext_authz\.(([^.]+)\.)"),
        ("envoy_rbac_prefix", @"^(([^.]+)\.)rbac\."),
        ("envoy_rbac_http_prefix", @"^http\.[^.]+\.rbac\.(([^.]+)\.)"),
        ("envoy_local_http_ratelimit_prefix", @"^(([^.]+)\.)http_local_rate_limit\."),
        ("envoy_worker_id", @"^(?:listener_manager|listener\..*?)\.(worker_(\d+)\.)"),
    ];

    // The linear-time engine takes hundreds of kilobytes for each expression; these come from the operator's own bootstrap and see
    // short names, so the plain one with a limit does.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    private readonly List<(string Tag, Regex Regex)> _rules = [];
    private readonly List<Tag> _fixed = [];

    /// <summary>Compiles the rules of a bootstrap; none means Envoy's defaults.</summary>
    /// <exception cref="ConfigurationException">A rule is not a valid expression, or names an unknown default tag.</exception>
    public TagExtractor(StatsConfig? configuration)
    {
        for (var i = 0; i < (configuration?.StatsTags.Count ?? 0); i++)
            AddConfigured(configuration!.StatsTags[i], $"stats_config.stats_tags[{i}]");
        if (configuration?.UseAllDefaultTags ?? true)
        {
            foreach (var (tag, pattern) in Defaults)
                Add(tag, pattern, "stats_config");
        }
    }

    /// <summary>Splits a name.</summary>
    public ExtractedName Extract(string name)
    {
        var tags = new List<Tag>(_fixed);
        var cuts = new List<(int Start, int End)>();
        foreach (var (tag, regex) in _rules)
        {
            if (tags.Exists(t => t.Name == tag) || regex.Match(name) is not { Success: true } match || match.Groups.Count < 2)
                continue;
            var cut = match.Groups[1];
            tags.Add(new(tag, match.Groups.Count > 2 ? match.Groups[2].Value : cut.Value));
            cuts.Add((cut.Index, cut.Index + cut.Length));
        }

        return new(cuts.Count == 0 ? name : Without(name, cuts), tags);
    }

    private static string Without(string name, List<(int Start, int End)> cuts)
    {
        cuts.Sort();
        var kept = new System.Text.StringBuilder(name.Length);
        var at = 0;
        foreach (var (start, end) in cuts)
        {
            if (start > at)
                kept.Append(name, at, start - at);
            at = Math.Max(at, end);
        }

        return kept.Append(name, at, name.Length - at).ToString();
    }

    private void AddConfigured(TagSpecifier specifier, string path)
    {
        switch (specifier.TagValueCase)
        {
            case TagSpecifier.TagValueOneofCase.FixedValue:
                _fixed.Add(new(specifier.TagName, specifier.FixedValue));
                break;
            case TagSpecifier.TagValueOneofCase.Regex when specifier.Regex.Length > 0:
                Add(specifier.TagName, specifier.Regex, path + ".regex");
                break;
            default:
                var defaults = Defaults.Where(d => d.Tag == specifier.TagName).ToList();
                if (defaults.Count == 0)
                    throw new ConfigurationException(path, $"No regex specified for tag specifier and no default regex for name: '{specifier.TagName}'");
                defaults.ForEach(d => Add(d.Tag, d.Pattern, path));
                break;
        }
    }

    private void Add(string tag, string pattern, string path)
    {
        try
        {
            _rules.Add((tag, new Regex(pattern, RegexOptions.CultureInvariant, Limit)));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException(path, $"invalid regex '{pattern}': {e.Message}", e);
        }
    }
}
