namespace Datapath.Policy.Tests.Compilation;

/// <summary>What waits to be looked at again.</summary>
internal sealed class WorkListTests
{
    [Test]
    public void Items_come_once_in_the_order_of_their_first_addition()
    {
        var list = new WorkList<string>();
        Assert.That(new[] { "b", "a", "b", "c", "a" }.Select(list.Add), Is.EqualTo(new[] { true, true, false, true, false }));
        Assert.That(list.Drain(), Is.EqualTo(new[] { "b", "a", "c" }));
    }

    [Test]
    public void What_was_taken_out_waits_no_longer_and_can_be_added_again()
    {
        var list = new WorkList<string>();
        list.Add("a");
        list.Drain();
        Assert.That(list.Drain(), Is.Empty);
        Assert.That(list.Add("a"));
        Assert.That(list.Drain(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void What_is_added_while_items_are_worked_on_waits_for_the_next_time()
    {
        var list = new WorkList<string>();
        list.Add("a");
        list.Add("b");
        var worked = new List<string>();
        foreach (var item in list.Drain())
        {
            worked.Add(item);
            list.Add("b");
        }

        Assert.That(worked, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(list.Drain(), Is.EqualTo(new[] { "b" }));
    }
}
