using System.Globalization;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class StructuredFieldsTests
{
    [Theory]
    [InlineData("?1", true)]
    [InlineData("?0", false)]
    [InlineData("  ?1  ", true)]
    [InlineData("?1;later=\"x\";y", true)]
    public void Booleans_are_read(string text, bool expected)
    {
        Assert.True(StructuredFields.TryParseBoolean(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("?")]
    [InlineData("?2")]
    [InlineData("?10")]
    [InlineData("?1, ?1")]
    [InlineData("?1;")]
    [InlineData("\t?1")]
    public void What_is_no_boolean_is_refused(string? text) => Assert.False(StructuredFields.TryParseBoolean(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-42", -42)]
    [InlineData("00042", 42)]
    [InlineData(" 42 ", 42)]
    [InlineData("42;a=1.5; b=tok/en:x;*c=:AA==:;d=@5;e=%\"%c3%a9\"", 42)]
    [InlineData("999999999999999", StructuredFields.MaxInteger)]
    [InlineData("-999999999999999", -StructuredFields.MaxInteger)]
    public void Integers_are_read(string text, long expected)
    {
        Assert.True(StructuredFields.TryParseInteger(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("1000000000000000")]
    [InlineData("1, 2")]
    [InlineData("1 2")]
    [InlineData("\u0661")]
    [InlineData("1;A=1")]
    [InlineData("1;a=")]
    public void What_is_no_integer_is_refused(string? text) => Assert.False(StructuredFields.TryParseInteger(text, out _));

    [Fact]
    public void A_dictionary_of_every_type_is_read()
    {
        const string Text = "a=1, b=?0;x=1 ,\tc, *d=:aGk=:,e=tok;q=0.5, f=\"q\\\"\\\\\", "
            + "g=(1 \"x\" :AA==:;p);z, h=1.25, i=@-7, j=%\"a%c3%a9\", k=(), a=2";
        Assert.True(StructuredFields.TryParseDictionary(Text, out var members));
        Assert.Equal(11, members.Count);
        Assert.Equal(new StructuredItem(StructuredKind.Number, 2, null), members["a"]);
        Assert.Equal(new StructuredItem(StructuredKind.Boolean, 0, null), members["b"]);
        Assert.Equal(new StructuredItem(StructuredKind.Boolean, 1, null), members["c"]);
        Assert.Equal("hi"u8.ToArray(), members["*d"].Bytes!.Value.ToArray());
        Assert.All("efghijk", key => Assert.Equal(StructuredKind.Other, members[key.ToString()].Kind));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void No_text_is_an_empty_dictionary(string? text)
    {
        Assert.True(StructuredFields.TryParseDictionary(text, out var members));
        Assert.Empty(members);
    }

    [Theory]
    [InlineData(",")]
    [InlineData("a=1,")]
    [InlineData("a=1,,b=2")]
    [InlineData("a=1 b=2")]
    [InlineData("A=1")]
    [InlineData("1=a")]
    [InlineData("a=")]
    [InlineData("a= 1")]
    [InlineData("a=:")]
    [InlineData("a=:AA==")]
    [InlineData("a=:QU I=:")]
    [InlineData("a=:A:")]
    [InlineData("a=:A-_=:")]
    [InlineData("a=\"x")]
    [InlineData("a=\"\\x\"")]
    [InlineData("a=\"\u00e9\"")]
    [InlineData("a=(1")]
    [InlineData("a=(1,2)")]
    [InlineData("a=(1\"x\")")]
    [InlineData("a=1.")]
    [InlineData("a=1.2345")]
    [InlineData("a=1234567890123.1")]
    [InlineData("a=@1.5")]
    [InlineData("a=%\"%C3%A9\"")]
    [InlineData("a=%\"%c3\"")]
    [InlineData("a=%x")]
    [InlineData("\u00e9=1")]
    public void A_malformed_dictionary_is_refused(string text) => Assert.False(StructuredFields.TryParseDictionary(text, out _));

    [Fact]
    public void Byte_sequences_are_read_back_with_and_without_padding() =>
        Gen.Byte.Array[0, 70].Sample(bytes =>
        {
            var text = "a=" + StructuredFields.Write(bytes);
            Assert.True(StructuredFields.TryParseDictionary(text, out var members));
            Assert.Equal(bytes, members["a"].Bytes!.Value.ToArray());
            Assert.True(StructuredFields.TryParseDictionary(text.TrimEnd(':').TrimEnd('=') + ":", out members) || bytes.Length == 0);
            Assert.Equal(bytes, members?["a"].Bytes!.Value.ToArray() ?? []);
        }, iter: HostileText.Cases);

    [Fact]
    public void Written_values_are_read_back() =>
        Gen.Select(Gen.Long[-StructuredFields.MaxInteger, StructuredFields.MaxInteger], Gen.Bool).Sample((number, flag) =>
        {
            Assert.True(StructuredFields.TryParseInteger(StructuredFields.Write(number), out var readNumber));
            Assert.True(StructuredFields.TryParseBoolean(StructuredFields.Write(flag), out var readFlag));
            Assert.Equal((number, flag), (readNumber, readFlag));
            Assert.True(StructuredFields.TryParseDictionary(StructuredFields.WriteDictionary(("max-size", number)), out var members));
            Assert.Equal(number, members["max-size"].Number);
        }, iter: HostileText.Cases);

    [Fact]
    public void A_dictionary_is_written_in_order_without_missing_values()
    {
        Assert.Equal(
            "max-size=5497558138880, max-age=3600",
            StructuredFields.WriteDictionary(("max-size", 5L << 40), ("max-append-size", null), ("max-age", 3600)));
        Assert.Throws<ArgumentOutOfRangeException>(() => StructuredFields.Write(StructuredFields.MaxInteger + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => StructuredFields.Write(-StructuredFields.MaxInteger - 1));
    }

    [Fact]
    public void No_text_breaks_the_parser()
    {
        var grammar = HostileText.From(
            "a", "b*", "=", "=", ",", ", ", ";", "; ", "?1", "?0", "?", "12", "-", "1.5", ".", ":", "QUI=", "\"", "\\\"",
            "x y", "(", ")", " ", "tok/", "@", "%\"", "%c3%a9");
        var near = HostileText.Near("a=1, b=?0;x=1 ,\tc, *d=:aGk=:,e=tok;q=0.5", "f=\"q\\\"\\\\\", g=(1 \"x\" :AA==:;p);z", "?1;a=1.5",
            "42;b=@5", "j=%\"%c3%a9\"");
        Gen.OneOf(grammar, near).Sample(text =>
        {
            var isBoolean = StructuredFields.TryParseBoolean(text, out _);
            var isInteger = StructuredFields.TryParseInteger(text, out var number);
            Assert.False(isBoolean && isInteger);
            Assert.InRange(number, -StructuredFields.MaxInteger, StructuredFields.MaxInteger);
            if (isInteger)
            {
                Assert.Contains(Math.Abs(number).ToString(CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
            }

            // A dictionary stays one when a member is added.
            var isDictionary = StructuredFields.TryParseDictionary(text, out var members) && members.Count > 0;
            Assert.Equal(isDictionary, StructuredFields.TryParseDictionary(text + ", zz=7", out members));
            Assert.True(!isDictionary || members!["zz"].Number == 7);
            if (isDictionary)
            {
                Assert.True(StructuredFields.TryParseDictionary(Write(members!), out var again));
                Assert.Equal(Describe(members!), Describe(again));
            }
        }, iter: HostileText.Cases);
    }

    private static string Write(IReadOnlyDictionary<string, StructuredItem> members) => string.Join(", ", members.Select(member =>
        member.Key + "=" + member.Value.Kind switch
        {
            StructuredKind.Number => StructuredFields.Write(member.Value.Number),
            StructuredKind.Boolean => StructuredFields.Write(member.Value.Number == 1),
            StructuredKind.Bytes => StructuredFields.Write(member.Value.Bytes!.Value.Span),
            _ => "token",
        }));

    private static IEnumerable<string> Describe(IReadOnlyDictionary<string, StructuredItem> members) => members.Select(member =>
        $"{member.Key} {member.Value.Kind} {member.Value.Number} {Convert.ToHexString(member.Value.Bytes.GetValueOrDefault().Span)}");
}
