using Lateen.Resources;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Shared;

/// <summary>Namespaces an object is visible in (EX).</summary>
internal static class ExportTo
{
    private const string Nobody = "~";
    private const string Everybody = "*";

    /// <summary>EX-1 to EX-6.</summary>
    /// <param name="exportTo">The namespaces.</param>
    /// <param name="ns">The object's own namespace.</param>
    /// <param name="at">Where they stand.</param>
    /// <param name="nobodyAllowed">Whether <c>~</c> is allowed: only for ServiceEntries.</param>
    public static void Check(EquatableArray<string> exportTo, string ns, Field at, bool nobodyAllowed)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < exportTo.Count; i++)
        {
            string name = exportTo[i];
            if (name == Nobody && nobodyAllowed)
            {
                at[i].Require("EX-1", seen.Add(name), $"\"{name}\" is there twice");
            }
            else if (name == Nobody)
            {
                at[i].Error("EX-4", "\"~\" is not allowed here");
            }
            else if (name is "." or Everybody || at[i].Check("EX-3", DnsLabel.IsValid(name) ? null : $"\"{name}\" must be \".\", \"*\" or a namespace"))
            {
                string actual = name == "." ? ns : name;
                at[i].Require(name == "." ? "EX-2" : "EX-1", seen.Add(actual), name == "." ? "\".\" and the object's own namespace are the same" : $"\"{name}\" is there twice");
            }
        }
        at.Require("EX-5", exportTo.Count < 2 || !seen.Contains(Everybody), "\"*\" cannot go with other entries");
        at.Require("EX-6", exportTo.Count < 2 || !nobodyAllowed || !seen.Contains(Nobody), "\"~\" cannot go with other entries");
    }
}
