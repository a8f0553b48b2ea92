using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CasFunctions.Tests.OpenApi;

/// <summary>Reads the comments of the service's types as the compiler has collected them, and writes them as Markdown.</summary>
public static partial class DocumentationComments
{
    private static readonly Dictionary<string, XElement> Members = XDocument.Load(Path.ChangeExtension(typeof(CasApplication).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>The summary of a type or a property; a record's positional property has it among its type's parameters.</summary>
    public static string Of(MemberInfo member)
    {
        ArgumentNullException.ThrowIfNull(member);
        var comment = member is Type type
            ? Members.GetValueOrDefault($"T:{type.FullName}")?.Element("summary")
            : Members.GetValueOrDefault($"P:{member.DeclaringType!.FullName}.{member.Name}")?.Element("summary")
                ?? Members.GetValueOrDefault($"T:{member.DeclaringType!.FullName}")?.Elements("param")
                    .SingleOrDefault(parameter => parameter.Attribute("name")!.Value == member.Name);
        Assert.True(comment is not null, $"{member.DeclaringType?.Name}.{member.Name} has no comment to describe it by.");
        return Blanks().Replace(string.Concat(comment.Nodes().Select(Write)), " ").Trim();
    }

    private static string Write(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } reference => $"`{NameIn(reference)}`",
        XElement other => string.Concat(other.Nodes().Select(Write)),
        _ => "",
    };

    private static string NameIn(XElement reference) =>
        JsonNamingPolicy.CamelCase.ConvertName(reference.Attributes().First().Value.Split('.', ':')[^1]);

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blanks();
}
