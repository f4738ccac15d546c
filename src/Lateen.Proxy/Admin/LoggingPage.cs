using System.Text;
using Lateen.Proxy.Logging;

namespace Lateen.Proxy.Admin;

/// <summary><c>/logging</c>: shows the levels of all components, after the changes that the query asks for.</summary>
internal static class LoggingPage
{
    private const string Usage =
        "usage: /logging?<name>=<level> (change single level)\nusage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n"
        + "usage: /logging?level=<level> (change all levels)\nusage: /logging (query levels)\n";

    public static AdminResponse Answer(LogLevels levels, AdminRequest request)
    {
        if (request.Query.Count > 1 || !request.Query.All(q => Apply(levels, q.Key, q.Value)))
            return AdminResponse.Text(Usage, 400);
        var text = new StringBuilder("active loggers:\n");
        foreach (var name in LogLevels.Names)
            text.Append("  ").Append(name).Append(": ").Append(LogLevels.NameOf(levels[name])).Append('\n');
        return AdminResponse.Text(text.ToString());
    }

    private static bool Apply(LogLevels levels, string key, string value)
    {
        if (key == "paths")
        {
            return value.Split(',', StringSplitOptions.RemoveEmptyEntries)
                .All(item => item.Split(':') is [var name, var level] && Apply(levels, name, level));
        }

        if (!LogLevels.TryParse(value, out var parsed))
            return false;
        if (key == "level")
        {
            levels.SetAll(parsed);
            return true;
        }

        return levels.Set(key, parsed);
    }
}
