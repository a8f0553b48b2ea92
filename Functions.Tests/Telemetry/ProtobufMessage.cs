using Google.Protobuf;

namespace CasFunctions.Tests.Telemetry;

/// <summary>A message of the protocol buffers' wire format, read without its schema: fields by their numbers.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, object Value)> _fields = [];

    public ProtobufMessage(byte[] bytes)
    {
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag and not 0)
        {
            _fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => (ulong)input.ReadFixed32(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes(),
                var other => throw new InvalidDataException($"Wire type {other} is not expected."),
            }));
        }
    }

    public IEnumerable<ProtobufMessage> Messages(params int[] path) => path is [var field, .. var rest]
        ? All(field).OfType<ByteString>().SelectMany(bytes => new ProtobufMessage(bytes.ToByteArray()).Messages(rest))
        : [this];

    public string Text(int field) => All(field).OfType<ByteString>().FirstOrDefault()?.ToStringUtf8() ?? "";

    public string Hex(int field) => Convert.ToHexStringLower((All(field).OfType<ByteString>().FirstOrDefault() ?? ByteString.Empty).Span);

    public ulong Number(int field) => All(field).OfType<ulong>().FirstOrDefault();

    private IEnumerable<object> All(int field) => _fields.Where(pair => pair.Field == field).Select(pair => pair.Value);
}
