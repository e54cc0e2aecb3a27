using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Netlink;

public class NetlinkWriterTests
{
    [Test]
    public void A_request_has_the_bytes_that_the_kernel_reads()
    {
        var request = new NetlinkWriter(stackalloc byte[64], Rtnl.RTM_NEWLINK, Nl.NLM_F_CREATE);
        request.Add(new IfInfoMsg { Index = 7 });
        request.Add(Rtnl.IFLA_IFNAME, "abc");
        request.Add(Rtnl.IFLA_MTU, 1500);
        var bytes = request.Complete(sequence: 9, Nl.NLM_F_ACK);

        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(
            "30000000" + "1000" + "0504" + "09000000" + "00000000" + // nlmsghdr: length 48, type 16, flags, sequence, port
            "00000000" + "07000000" + "00000000" + "00000000" + // ifinfomsg
            "0800" + "0300" + "61626300" + // the name with its zero
            "0800" + "0400" + "DC050000"));
    }

    [Test]
    public void Values_are_padded_with_zeros_and_their_length_leaves_the_padding_out()
    {
        Span<byte> buffer = stackalloc byte[32];
        buffer.Fill(0xff);
        var request = new NetlinkWriter(buffer, 1);
        request.Add(5, "ab"u8);
        request.Add(6, (byte)1);

        Assert.That(Convert.ToHexString(request.Complete(0, 0)[16..]), Is.EqualTo("06000500" + "61620000" + "05000600" + "01000000"));
    }

    [Test]
    public void Nested_attributes_come_back_as_they_were_written()
    {
        var request = new NetlinkWriter(stackalloc byte[128], 1);
        var outer = request.BeginNested(18);
        request.Add(1, "veth");
        var inner = request.BeginNested(2);
        request.Add(3, IPAddress.Parse("2001:db8::1"));
        request.EndNested(inner);
        request.EndNested(outer);
        request.Add(4, IPAddress.Parse("192.0.2.1"));

        var reader = new NetlinkMessageReader(request.Complete(1, 0));
        var seen = new List<string>();
        Assert.That(reader.TryRead(out var message), Is.True);
        foreach (var attribute in message.Attributes(0))
        {
            if (attribute.Type is not 18)
            {
                seen.Add($"{attribute.Type} {attribute.AsAddress()}");
                continue;
            }

            foreach (var child in attribute.Nested())
            {
                if (child.Type is 1)
                    seen.Add($"18/1 {child.AsString()}");
                else
                    foreach (var grandchild in child.Nested())
                        seen.Add($"18/{child.Type}/{grandchild.Type} {grandchild.AsAddress()}");
            }
        }

        Assert.That(seen, Is.EqualTo(new[] { "18/1 veth", "18/2/3 2001:db8::1", "4 192.0.2.1" }));
        Assert.That(reader.TryRead(out _), Is.False);
    }

    [Test]
    public void What_does_not_fit_is_refused_and_nothing_is_written_past_the_buffer()
    {
        var memory = new byte[64];
        memory.AsSpan(32).Fill(0xee);
        Assert.That(
            () =>
            {
                var request = new NetlinkWriter(memory.AsSpan(0, 32), 1);
                request.Add(1, new string('x', 13));
            },
            Throws.ArgumentException.With.Message.Contains("32 bytes"));
        Assert.That(memory[32..], Is.All.EqualTo(0xee));
    }
}
