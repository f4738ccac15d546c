using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lateen.Resources.Reading;

/// <summary>Writes node trees as YAML, in block style. What is quoted is what would else not be read as the same.</summary>
internal static class YamlWriter
{
    public static string Write(Node root)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, Node node)
    {
        switch (node)
        {
            case MappingNode mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (NodeEntry entry in mapping.Entries)
                {
                    emitter.Emit(Text(entry.Key));
                    Emit(emitter, entry.Value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case SequenceNode sequence:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (Node item in sequence.Items) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case ScalarNode { Kind: ScalarKind.String } scalar:
                emitter.Emit(Text(scalar.Text));
                break;
            case ScalarNode scalar:
                emitter.Emit(new Scalar(scalar.Kind == ScalarKind.Null ? "null" : scalar.Text));
                break;
        }
    }

    private static Scalar Text(string text)
    {
        bool plain = text.Length > 0 && text[0] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && ScalarResolution.ResolvePlain(text).Kind == ScalarKind.String;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, plain ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted,
            isPlainImplicit: plain, isQuotedImplicit: true);
    }
}
