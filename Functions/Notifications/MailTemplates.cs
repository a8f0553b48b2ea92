using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;

namespace CasFunctions.Notifications;

/// <summary>The Liquid templates of the mails' bodies, compiled into the assembly, by the names of their files.</summary>
internal static class MailTemplates
{
    private static readonly FluidParser Parser = new();
    private static readonly IFluidTemplate Layout = Parse("layout.html");
    private static readonly Dictionary<NoticeKind, (IFluidTemplate Text, IFluidTemplate Html)> Bodies = new()
    {
        [NoticeKind.Invalid] = (Parse("invalid.txt"), Parse("invalid.html")),
        [NoticeKind.Recovered] = (Parse("recovered.txt"), Parse("recovered.html")),
        [NoticeKind.ContentCorrupt] = (Parse("content-corrupt.txt"), Parse("content-corrupt.html")),
    };

    /// <summary>Fills in the body of a kind of notice, as text and as an HTML document in which all values are encoded.</summary>
    /// <param name="kind">The kind of notice.</param>
    /// <param name="subject">The mail's subject.</param>
    /// <param name="values">What the templates name.</param>
    public static async Task<(string Text, string Html)> RenderAsync(
        NoticeKind kind, string subject, IReadOnlyDictionary<string, string?> values)
    {
        var context = new TemplateContext();
        context.SetValue("subject", new StringValue(subject));
        foreach (var (name, value) in values)
        {
            context.SetValue(name, value is null ? NilValue.Instance : new StringValue(value));
        }

        var (text, html) = Bodies[kind];
        var body = await html.RenderAsync(context, HtmlEncoder.Default);
        context.SetValue("body", new StringValue(body, encode: false));
        return (await text.RenderAsync(context, NullEncoder.Default), await Layout.RenderAsync(context, HtmlEncoder.Default));
    }

    private static IFluidTemplate Parse(string file)
    {
        using var stream = typeof(MailTemplates).Assembly.GetManifestResourceStream($"Notifications/Templates/{file}")
            ?? throw new InvalidOperationException($"The mail template {file} is not part of the assembly.");
        using var reader = new StreamReader(stream);
        return Parser.Parse(reader.ReadToEnd());
    }
}
